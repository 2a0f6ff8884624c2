package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const (
	soon      = 30 * time.Second  // for what takes a round or two
	patiently = 120 * time.Second // for what waits for rates, dead times, back-offs
)

// shop is a namespace of a test's own, with the sample service "checkout" once it is open.
type shop struct {
	t         *testing.T
	namespace string
	url       string // of the service, through the proxy
}

// newShop makes the namespace. At the end of the test all of it is removed, and what went wrong is shown.
func newShop(t *testing.T, namespace string) *shop {
	t.Helper()
	s := &shop{t: t, namespace: namespace}
	s.kubectl("create", "namespace", namespace)
	t.Cleanup(s.close)
	return s
}

// open deploys the service as the demo has it, and waits until that many pods serve.
func (s *shop) open(replicas int) {
	s.t.Helper()
	s.kubectl("apply", "-f", root+"/deploy/local/shop/checkout.yaml")
	if replicas != 2 {
		s.kubectl("scale", "deployment/checkout", fmt.Sprintf("--replicas=%d", replicas))
	}
	s.kubectl("rollout", "status", "deployment/checkout", "--timeout=60s")
	await(s.t, "address of the service", soon, func() error {
		service, err := client.CoreV1().Services(s.namespace).Get(s.t.Context(), "checkout", metav1.GetOptions{})
		if err != nil {
			return err
		}
		ingress := service.Status.LoadBalancer.Ingress
		if len(ingress) == 0 {
			return errNone
		}
		s.url = fmt.Sprintf("http://127.0.0.1:%d", ingress[0].Ports[0].Port)
		_, err = get(s.t.Context(), s.url+"/work?ms=1") // from the first request on the proxy has metrics of it
		return err
	})
}

func (s *shop) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if lines := controller.newRefusals(); len(lines) > 0 {
		s.t.Errorf("the controller was forbidden something:\n%s", strings.Join(lines, "\n"))
	}
	if s.t.Failed() {
		s.explain(ctx)
	}
	// Before the namespace, whose end refuses events: the controller must know that there is nothing left to do.
	_, err := kubectl(ctx, "-n", s.namespace, "delete", "spol", "--all")
	err = errors.Join(err, poll(ctx, soon, func() error {
		if left, err := controller.metric(ctx, "evenkeel_policies"); err != nil || left != 0 {
			return fmt.Errorf("the controller has %g policies, %w", left, err)
		}
		return nil
	}))
	_, deleted := kubectl(ctx, "delete", "namespace", s.namespace, "--wait=false")
	if err := errors.Join(err, deleted); err != nil {
		s.t.Errorf("closing the shop: %v", err)
	}
}

func (s *shop) explain(ctx context.Context) {
	policy, err := kubectl(ctx, "-n", s.namespace, "get", "spol,deploy", "-o", "yaml", "--show-managed-fields=false")
	s.t.Logf("the end of the controller's log:\n%s", lastLines(controller.file("log"), 60))
	s.t.Logf("the policy and its target (%v):\n%s", err, policy)
	s.t.Logf("the end of the audit log:\n%s", lastLines(auditLog(), 15))
}

func (s *shop) kubectl(args ...string) string {
	s.t.Helper()
	out, err := kubectl(s.t.Context(), append([]string{"-n", s.namespace}, args...)...)
	must(s.t, err)
	return out
}

// policy is one with small windows, so that tests are quick. Its load test is 2.2 event loops: more than
// 2 pods can do, and 4 at the default target utilization of 60 %.
const policy = `
apiVersion: evenkeel.dev/v1alpha1
kind: ScalingPolicy
metadata: {name: checkout}
spec:
  targetRef: {name: checkout}
  minReplicas: 2
  maxReplicas: 4
  metrics:
    presets: {latency: caddy, runtime: prom-client}
    window: 10s
  objectives: {latencyP99: 250ms, errorRate: 5%}
  behavior: {scaleDown: {stabilizationWindowSeconds: 3}}
`

// steer creates the policy, with these fields of its spec in place of its own.
func (s *shop) steer(fields map[string]any) {
	s.t.Helper()
	s.steerAs("checkout", fields)
}

// steerAs is steer for a policy of another name.
func (s *shop) steerAs(name string, fields map[string]any) {
	s.t.Helper()
	object := &unstructured.Unstructured{}
	must(s.t, yaml.Unmarshal([]byte(policy), object))
	object.SetName(name)
	maps.Copy(object.Object["spec"].(map[string]any), fields)
	_, err := objects.Resource(policies).Namespace(s.namespace).Create(s.t.Context(), object, metav1.CreateOptions{})
	must(s.t, err)
}

// bound changes minReplicas, which the controller must answer whatever the load is.
func (s *shop) bound(min int) {
	s.t.Helper()
	s.kubectl("patch", "spol", "checkout", "--type=merge", "-p", fmt.Sprintf(`{"spec":{"minReplicas":%d}}`, min))
}

type status struct {
	ObservedGeneration, CurrentReplicas, DesiredReplicas int64
	LastScaleTime                                        *metav1.Time
	Signals                                              []struct{ Name, State, Value, Objective, Message string }
	LastDecision                                         struct{ Reason, Message string }
	ScaleEvents                                          []struct{ From, To int64 }
	ExternalChange                                       *externalChange
	Conditions                                           []metav1.Condition
}

type externalChange struct {
	Time     metav1.Time
	From, To int64
	Manager  string
}

func (s *shop) status() (status, error) { return s.statusOf("checkout") }

func (s *shop) statusOf(name string) (status, error) {
	var typed struct{ Status status }
	object, err := objects.Resource(policies).Namespace(s.namespace).Get(s.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		return status{}, err
	}
	text, err := object.MarshalJSON()
	if err != nil {
		return status{}, err
	}
	err = json.Unmarshal(text, &typed)
	return typed.Status, err
}

// awaitStatus returns the first status that the condition accepts.
func (s *shop) awaitStatus(what string, patience time.Duration, accepts func(status) error) (accepted status) {
	s.t.Helper()
	await(s.t, what, patience, func() (err error) {
		if accepted, err = s.status(); err != nil {
			return err
		}
		return accepts(accepted)
	})
	return accepted
}

func (s *shop) awaitCondition(kind, value, reason string) metav1.Condition {
	s.t.Helper()
	var found *metav1.Condition
	s.awaitStatus(fmt.Sprintf("condition %s=%s/%s", kind, value, reason), patiently, func(now status) error {
		found = meta.FindStatusCondition(now.Conditions, kind)
		if found == nil || string(found.Status) != value || found.Reason != reason {
			return fmt.Errorf("it is %+v", found)
		}
		return nil
	})
	return *found
}

func (s *shop) replicas() (int, error) {
	deployment, err := client.AppsV1().Deployments(s.namespace).Get(s.t.Context(), "checkout", metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	return int(*deployment.Spec.Replicas), nil
}

func (s *shop) awaitReplicas(wanted int) {
	s.t.Helper()
	await(s.t, fmt.Sprintf("%d replicas", wanted), patiently, func() error {
		now, err := s.replicas()
		if err == nil && now != wanted {
			err = fmt.Errorf("there are %d", now)
		}
		return err
	})
}

// staysAt watches the replicas for that many rounds of the controller, in which nothing may move them, and
// returns the decisions of these rounds.
func (s *shop) staysAt(replicas, rounds int) []decision {
	s.t.Helper()
	before := len(controller.decisions(s.namespace))
	first, err := controller.metric(s.t.Context(), "evenkeel_rounds_total")
	must(s.t, err)
	await(s.t, fmt.Sprintf("%d rounds", rounds), patiently, func() error {
		now, err := s.replicas()
		if err == nil && now != replicas {
			s.t.Fatalf("there are %d replicas; %d should have stayed", now, replicas)
		}
		done, lost := controller.metric(s.t.Context(), "evenkeel_rounds_total")
		if err := errors.Join(err, lost); err != nil {
			return err
		}
		if int(done-first) < rounds {
			return fmt.Errorf("%g rounds", done-first)
		}
		return nil
	})
	made := controller.decisions(s.namespace)[before:]
	if len(made) < rounds-1 {
		s.t.Fatalf("%d rounds had only %d decisions on this policy", rounds, len(made))
	}
	return made
}

// awaitEvent returns the event of that reason about the policy.
// The first event of that reason whose note begins like this: there may be others.
func (s *shop) awaitEvent(reason, begin string) (event eventsv1.Event) {
	s.t.Helper()
	await(s.t, "event "+reason+" "+begin, soon, func() error {
		list, err := client.EventsV1().Events(s.namespace).List(s.t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, event = range list.Items {
			ours := event.Regarding.Kind == "ScalingPolicy" && event.Regarding.Name == "checkout"
			if ours && event.Reason == reason && strings.HasPrefix(event.Note, begin) {
				return nil
			}
		}
		return errNone
	})
	return event
}
