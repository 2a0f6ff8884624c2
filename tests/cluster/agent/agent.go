// Package agent is a node without containers: it runs the pods of a cluster as processes on 127.0.0.1.
//
// It does what a scheduler, a kubelet, a cloud's load balancer and a Prometheus operator do for real
// pods: binds each pod to itself, runs the pod's one container as a process on ports of its own,
// reports status and readiness, drains and ends it; gives every Service of type LoadBalancer a listener of the
// proxy in front of the ready pods; and lists the scrape targets of annotated pods.
package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

const (
	nodeName    = "local"
	syncWorkers = 4
	callTimeout = 10 * time.Second
	stopHurry   = 3 * time.Second
	publishKey  = "" // the queue's item for the proxy, the Services and the scrape targets
)

// Config says where the agent works.
type Config struct {
	Client        kubernetes.Interface
	APIServerPort int
	CAFile        string
	PodsDir       string              // one directory per pod below it: pid, log, serviceaccount/
	TargetsFile   string              // of Prometheus' file_sd
	Images        map[string][]string // image name without registry and tag → command
	Proxy         *Proxy
	Log           io.Writer
}

// Agent runs pods until Stop.
type Agent struct {
	cfg      Config
	pods     corelisters.PodLister
	services corelisters.ServiceLister
	queue    workqueue.TypedRateLimitingInterface[string]
	workers  sync.WaitGroup

	ctx, hurry          context.Context // end at Stop; hurry ends when patience with processes is over
	cancel, cancelHurry context.CancelFunc

	mu      sync.Mutex
	runners map[string]*runner // by namespace/name

	publishing   sync.Mutex // held while the proxy and the targets are brought up to date
	servicePorts map[types.UID]int
	targets      []byte // the scrape targets as last written
}

// Start returns when the agent's caches are filled and it has begun to run pods.
func Start(ctx context.Context, cfg Config) (*Agent, error) {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[string](20*time.Millisecond, 5*time.Second)
	a := &Agent{
		cfg: cfg, runners: map[string]*runner{}, servicePorts: map[types.UID]int{},
		queue: workqueue.NewTypedRateLimitingQueue(limiter),
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.hurry, a.cancelHurry = context.WithCancel(context.Background())
	if err := a.registerNode(ctx); err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(cfg.Client, 0)
	pods, services := factory.Core().V1().Pods(), factory.Core().V1().Services()
	a.pods, a.services = pods.Lister(), services.Lister()
	podEvents, err := pods.Informer().AddEventHandler(eachChange(a.queue.Add))
	if err != nil {
		return nil, fmt.Errorf("watching pods: %w", err)
	}
	serviceEvents, err := services.Informer().AddEventHandler(eachChange(func(string) { a.queue.Add(publishKey) }))
	if err != nil {
		return nil, fmt.Errorf("watching services: %w", err)
	}
	factory.Start(a.ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), podEvents.HasSynced, serviceEvents.HasSynced) {
		a.Stop()
		return nil, fmt.Errorf("filling the node agent's caches: %w", ctx.Err())
	}
	for range syncWorkers {
		a.workers.Go(func() {
			for a.syncNext() {
			}
		})
	}
	a.workers.Go(func() { a.keepTokensFresh(a.ctx) })
	return a, nil
}

func eachChange(changed func(key string)) cache.ResourceEventHandler {
	add := func(item any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(item); err == nil {
			changed(key)
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, item any) { add(item) }, DeleteFunc: add}
}

// Stop ends all pods' processes, gracefully for three seconds, and the agent.
func (a *Agent) Stop() {
	a.queue.ShutDown()
	time.AfterFunc(stopHurry, a.cancelHurry)
	a.cancel()
	a.workers.Wait()
	for _, r := range a.allRunners() {
		<-r.done
	}
	a.cancelHurry()
}

func (a *Agent) logf(format string, args ...any) {
	fmt.Fprintf(a.cfg.Log, "node agent: "+format+"\n", args...)
}

// logFailure tells of the first of several failures in a row.
func (a *Agent) logFailure(key string, err error) {
	if a.queue.NumRequeues(key) > 0 || apierrors.IsConflict(err) || errors.Is(err, context.Canceled) {
		return
	}
	a.logf("%s: %v; will retry", cmp.Or(key, "proxy and targets"), err)
}

func (a *Agent) podDir(namespace, name string) string {
	return filepath.Join(a.cfg.PodsDir, namespace+"_"+name)
}

func (a *Agent) changed(pod *corev1.Pod) { a.queue.Add(pod.Namespace + "/" + pod.Name) }

func (a *Agent) syncNext() bool {
	key, shutdown := a.queue.Get()
	if shutdown {
		return false
	}
	defer a.queue.Done(key)
	ctx, cancel := context.WithTimeout(a.ctx, callTimeout)
	defer cancel()
	err := a.sync(ctx, key)
	if err == nil {
		a.queue.Forget(key)
		return true
	}
	a.logFailure(key, err)
	a.queue.AddRateLimited(key)
	return true
}

func (a *Agent) sync(ctx context.Context, key string) error {
	if key == publishKey {
		return a.publish(ctx)
	}
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return err
	}
	r := a.runner(key)
	pod, err := a.pods.Pods(namespace).Get(name)
	switch {
	case apierrors.IsNotFound(err):
		return a.forget(key, r)
	case err != nil:
		return err
	case r != nil && r.pod.UID != pod.UID: // a namesake, of a StatefulSet for instance; it starts when the old one is gone
		return a.forget(key, r)
	case pod.DeletionTimestamp != nil:
		return a.finish(ctx, pod, r)
	case pod.Spec.NodeName == "":
		return a.bind(ctx, pod)
	case pod.Spec.NodeName != nodeName || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed:
		return nil
	case r == nil:
		r = a.start(key, pod)
	}
	a.publishOrRetry(ctx) // before the API says Ready: who reads that may send requests
	return a.reportStatus(ctx, pod, r)
}

func (a *Agent) runner(key string) *runner {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.runners[key]
}

func (a *Agent) allRunners() []*runner {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.runners))
}

func (a *Agent) start(key string, pod *corev1.Pod) *runner {
	r := newRunner(a, pod)
	a.mu.Lock()
	a.runners[key] = r
	a.mu.Unlock()
	go r.run()
	return r
}

// forget ends the process of a pod that the API server no longer has.
func (a *Agent) forget(key string, r *runner) error {
	if r == nil {
		return nil
	}
	r.end(r.specGrace())
	select {
	case <-r.done:
	default:
		return nil // the runner calls again when it is done
	}
	r.releasePorts()
	a.mu.Lock()
	delete(a.runners, key)
	a.mu.Unlock()
	a.queue.Add(publishKey)
	a.queue.Add(key)
	return nil
}

// finish ends the process of a pod that is being deleted, and then lets the API server delete the pod.
func (a *Agent) finish(ctx context.Context, pod *corev1.Pod, r *runner) error {
	if r != nil {
		grace := r.specGrace()
		if seconds := pod.DeletionGracePeriodSeconds; seconds != nil {
			grace = time.Duration(*seconds) * time.Second
		}
		r.end(grace)
		select {
		case <-r.done:
		default:
			return nil // the runner calls again when it is done
		}
	}
	now := metav1.DeleteOptions{GracePeriodSeconds: new(int64), Preconditions: metav1.NewUIDPreconditions(string(pod.UID))}
	err := a.cfg.Client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, now)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) { // gone already, perhaps with a namesake in its place
		return nil
	}
	return err
}

func (a *Agent) bind(ctx context.Context, pod *corev1.Pod) error {
	binding := &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
	}
	err := a.cfg.Client.CoreV1().Pods(pod.Namespace).Bind(ctx, binding, metav1.CreateOptions{})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("binding to the node: %w", err)
	}
	return nil
}

// registerNode makes the Node that pods are bound to.
func (a *Agent) registerNode(ctx context.Context) error {
	nodes := a.cfg.Client.CoreV1().Nodes()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName}}
	created, err := nodes.Create(ctx, node, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("registering the node: %w", err)
	}
	created.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "AgentRunning", LastTransitionTime: metav1.Now()}}
	created.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}
	if _, err := nodes.UpdateStatus(ctx, created, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("reporting the node ready: %w", err)
	}
	return nil
}
