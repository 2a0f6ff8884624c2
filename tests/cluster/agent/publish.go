package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"evenkeel.dev/tests/cluster/proc"
)

// publishOrRetry is publish, whose failure is logged and made good later.
func (a *Agent) publishOrRetry(ctx context.Context) {
	if err := a.publish(ctx); err != nil && ctx.Err() == nil {
		a.logFailure(publishKey, err)
		a.queue.AddRateLimited(publishKey)
	}
}

// publish brings the proxy, the Services' status and the scrape targets up to date. When it returns nil, the proxy
// sends new requests to the pods that are serving now, and to no others.
func (a *Agent) publish(ctx context.Context) error {
	a.publishing.Lock()
	defer a.publishing.Unlock()
	services, err := a.loadBalancers()
	if err != nil {
		return err
	}
	if err := a.writeTargets(); err != nil {
		return err
	}
	routes := make([]Route, 0, len(services))
	for _, service := range services {
		routes = append(routes, Route{
			Server: service.Namespace + "/" + service.Name, Port: a.servicePorts[service.UID], Upstreams: a.upstreams(service)})
	}
	if err := a.cfg.Proxy.Apply(ctx, routes); err != nil {
		a.moveTakenPorts(services)
		return err
	}
	for _, service := range services {
		if err := a.reportAddress(ctx, service); err != nil {
			return fmt.Errorf("reporting the address of service %s/%s: %w", service.Namespace, service.Name, err)
		}
	}
	return nil
}

// loadBalancers are the Services with a listener; each has a port, and no other Service has.
func (a *Agent) loadBalancers() ([]*corev1.Service, error) {
	all, err := a.services.List(labels.Everything())
	if err != nil {
		return nil, fmt.Errorf("listing services: %w", err)
	}
	all = slices.DeleteFunc(all, func(s *corev1.Service) bool {
		return s.Spec.Type != corev1.ServiceTypeLoadBalancer || len(s.Spec.Selector) == 0 || s.DeletionTimestamp != nil
	})
	present := map[types.UID]bool{}
	for _, service := range all {
		present[service.UID] = true
		if a.servicePorts[service.UID] == 0 {
			if a.servicePorts[service.UID], err = proc.FreePort(); err != nil {
				return nil, err
			}
		}
	}
	maps.DeleteFunc(a.servicePorts, func(uid types.UID, port int) bool {
		if !present[uid] {
			proc.ReleasePort(port)
		}
		return !present[uid]
	})
	return all, nil
}

// moveTakenPorts gives a Service that is not announced yet another port if its own was taken meanwhile.
func (a *Agent) moveTakenPorts(services []*corev1.Service) {
	for _, service := range services {
		if len(service.Status.LoadBalancer.Ingress) == 0 && !proc.PortIsFree(a.servicePorts[service.UID]) {
			delete(a.servicePorts, service.UID)
		}
	}
}

// upstreams are the local ports of the serving pods that the Service selects.
func (a *Agent) upstreams(service *corev1.Service) []int {
	var ports []int
	for _, r := range a.selected(service) {
		if port := targetPort(service, r); port != 0 {
			ports = append(ports, port)
		}
	}
	slices.Sort(ports)
	return ports
}

func (a *Agent) selected(service *corev1.Service) []*runner {
	selector := labels.SelectorFromSet(service.Spec.Selector)
	var out []*runner
	for _, r := range a.allRunners() {
		pod, err := a.pods.Pods(r.pod.Namespace).Get(r.pod.Name)
		if err == nil && pod.Namespace == service.Namespace && selector.Matches(labels.Set(pod.Labels)) && r.serving() {
			out = append(out, r)
		}
	}
	return out
}

// targetPort is where the pod serves the Service's first port.
func targetPort(service *corev1.Service, r *runner) int {
	if len(service.Spec.Ports) == 0 { // a headless Service may have none
		return 0
	}
	port := service.Spec.Ports[0]
	if port.TargetPort == (intstr.IntOrString{}) {
		port.TargetPort = intstr.FromInt32(port.Port)
	}
	return r.localPort(port.TargetPort)
}

func (a *Agent) reportAddress(ctx context.Context, service *corev1.Service) error {
	wanted := corev1.LoadBalancerStatus{Ingress: []corev1.LoadBalancerIngress{{
		IP: "127.0.0.1", Ports: []corev1.PortStatus{{Port: int32(a.servicePorts[service.UID]), Protocol: corev1.ProtocolTCP}}}}}
	updated := service.DeepCopy()
	if len(updated.Status.LoadBalancer.Ingress) == 1 {
		updated.Status.LoadBalancer.Ingress[0].IPMode = nil // set by the API server
	}
	if equality.Semantic.DeepEqual(updated.Status.LoadBalancer, wanted) {
		return nil
	}
	updated.Status.LoadBalancer = wanted
	_, err := a.cfg.Client.CoreV1().Services(service.Namespace).UpdateStatus(ctx, updated, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil // the cache lags; the change that it has yet to see calls again
	}
	return err
}

// serviceEnvironment is what a kubelet tells a pod of its namespace's Services: <NAME>_SERVICE_HOST and
// _SERVICE_PORT. Without a kube-proxy a Service that is no load balancer has the address of one serving pod.
func (a *Agent) serviceEnvironment(namespace string) map[string]string {
	env := map[string]string{}
	services, err := a.services.Services(namespace).List(labels.Everything())
	if err != nil {
		return env
	}
	a.publishing.Lock()
	defer a.publishing.Unlock()
	for _, service := range services {
		port := a.servicePorts[service.UID]
		if upstreams := a.upstreams(service); port == 0 && len(service.Spec.Selector) > 0 && len(upstreams) > 0 {
			port = upstreams[0]
		}
		if port != 0 {
			env[variableName(service.Name)+"_SERVICE_HOST"] = "127.0.0.1"
			env[variableName(service.Name)+"_SERVICE_PORT"] = strconv.Itoa(port)
		}
	}
	return env
}

type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// writeTargets lists the running pods that ask to be scraped, with the labels a PodMonitor would give.
func (a *Agent) writeTargets() error {
	groups := []targetGroup{}
	for _, r := range a.allRunners() {
		port := r.scrapePort()
		if r.pod.Annotations["prometheus.io/scrape"] != "true" || port == 0 {
			continue
		}
		group := targetGroup{Targets: []string{fmt.Sprintf("127.0.0.1:%d", port)}, Labels: map[string]string{
			"namespace": r.pod.Namespace, "pod": r.pod.Name, "container": r.container().Name,
			"job": r.pod.Namespace + "/" + r.pod.Labels["app.kubernetes.io/name"],
		}}
		if path := r.pod.Annotations["prometheus.io/path"]; path != "" {
			group.Labels["__metrics_path__"] = path
		}
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(x, y targetGroup) int { return slices.Compare(x.Targets, y.Targets) })
	text, err := json.MarshalIndent(groups, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the scrape targets: %w", err)
	}
	if bytes.Equal(text, a.targets) {
		return nil
	}
	a.targets = text
	return writeFile(a.cfg.TargetsFile, text)
}

// scrapePort is the local port of a running pod's metrics, 0 when it does not run or has none: the
// annotated container port, else the first.
func (r *runner) scrapePort() int {
	if r.containerStatus().State.Running == nil {
		return 0
	}
	if number, err := strconv.ParseInt(r.pod.Annotations["prometheus.io/port"], 10, 32); err == nil {
		return r.localPortOf(int32(number))
	}
	if ports := r.container().Ports; len(ports) > 0 {
		return r.localPortOf(ports[0].ContainerPort)
	}
	return 0
}
