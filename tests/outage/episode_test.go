package outage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

const (
	replicas       = 8
	targetRate     = 100.0 // requests a second of each pod
	targetLag      = 0.1   // seconds
	scrapeInterval = 2 * time.Second
	syncPeriod     = 5 * time.Second
	settle         = 3 * time.Minute  // for the windows to fill, and the breaker to try again
	calmFor        = 15 * time.Second // after the recovery nothing may happen for so long: three rounds
	// Of rates, the default. It fills more slowly than the breaker waits at most: the first answers after an outage
	// find it unfilled.
	window = time.Minute
)

// services are what each episode has: by a gauge and by rates, with a short stabilization window and a long one.
var services = []struct {
	name          string
	signal        string // of its objective
	logged        string // as the log calls it
	rate          bool
	stabilization int // seconds
}{
	{"gauge-60", "eventLoopLagP99", "lag", false, 60},
	{"gauge-300", "eventLoopLagP99", "lag", false, 300},
	{"rate-60", "latencyP99", "p99", true, 60},
	{"rate-300", "latencyP99", "p99", true, 300},
}

// episode is a namespace with services under constant load, their policies and a controller.
type episode struct {
	t           *testing.T
	namespace   string
	log         string           // file, of the controller
	generations map[string]int64 // of the Deployments, as the outage began: a change of replicas would count one up

	before int // decisions in the log that tell of an earlier part of the episode

	mu   sync.Mutex
	seen map[string]map[string]bool // service → what its policy's status has said: "signal=State", conditions, reasons
}

// begin deploys the services and waits until every policy knows its signals and keeps the replicas.
func begin(t *testing.T, namespace, prometheusURL string) *episode {
	t.Helper()
	e := &episode{t: t, namespace: namespace, log: filepath.Join(t.TempDir(), "log"), seen: map[string]map[string]bool{}}
	t.Cleanup(e.explain)
	for _, service := range services {
		e.deploy(service.name)
		e.steer(service.name, service.rate, service.stabilization)
	}
	start(t, e.log, binary, "run", "--kubeconfig="+local.Kubeconfig, "--namespace="+namespace, "--prometheus-url="+prometheusURL,
		"--prometheus-timeout=4s", "--sync-period="+syncPeriod.String(), "--bind-address=127.0.0.1:0", "--log-level=debug")
	e.watchStatus()
	e.awaitKnown()
	e.generations = map[string]int64{}
	for _, service := range services {
		e.generations[service.name] = e.deployment(service.name).Generation
	}
	return e
}

func (e *episode) deploy(name string) {
	e.t.Helper()
	labels := map[string]string{"app": name}
	_, err := client.AppsV1().Deployments(e.namespace).Create(e.t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To[int32](replicas),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					AutomountServiceAccountToken:  ptr.To(false),
					TerminationGracePeriodSeconds: ptr.To[int64](1),
					Containers:                    []corev1.Container{{Name: "idle", Image: "idle"}},
				},
			},
		},
	}, metav1.CreateOptions{})
	must(e.t, err)
}

const (
	gaugePolicy = `
objectives: {eventLoopLagP99: 1s}
policies: [{name: ratio, params: {signal: eventLoopLagP99, target: %g}}]`
	ratePolicy = `
objectives: {latencyP99: 250ms}
policies: [{name: ratio, params: {signal: requestRate, type: AverageValue, target: %g}}]`
)

func (e *episode) steer(name string, rate bool, stabilization int) {
	e.t.Helper()
	rest := fmt.Sprintf(gaugePolicy, targetLag)
	if rate {
		rest = fmt.Sprintf(ratePolicy, targetRate)
	}
	var spec map[string]any
	must(e.t, yaml.Unmarshal(fmt.Appendf(nil, `
targetRef: {name: %s}
minReplicas: 2
maxReplicas: 20
metrics: {window: %s}
behavior: {scaleDown: {stabilizationWindowSeconds: %d}}%s`, name, window, stabilization, rest), &spec))
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetAPIVersion(policies.GroupVersion().String())
	object.SetKind("ScalingPolicy")
	object.SetName(name)
	_, err := objects.Resource(policies).Namespace(e.namespace).Create(e.t.Context(), object, metav1.CreateOptions{})
	must(e.t, err)
}

func (e *episode) deployment(name string) *appsv1.Deployment {
	e.t.Helper()
	deployment, err := client.AppsV1().Deployments(e.namespace).Get(e.t.Context(), name, metav1.GetOptions{})
	must(e.t, err)
	return deployment
}

type status struct {
	Signals      []struct{ Name, State string }
	LastDecision struct{ Reason string }
	Conditions   []metav1.Condition
}

func (e *episode) statuses(ctx context.Context) (map[string]status, error) {
	list, err := objects.Resource(policies).Namespace(e.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	found := map[string]status{}
	for _, item := range list.Items {
		var typed struct{ Status status }
		text, err := item.MarshalJSON()
		if err = errors.Join(err, json.Unmarshal(text, &typed)); err != nil {
			return nil, err
		}
		found[item.GetName()] = typed.Status
	}
	return found, nil
}

// watchStatus notes, until the test ends, all that the policies say of their signals.
func (e *episode) watchStatus() {
	ctx := e.t.Context()
	go func() {
		for ctx.Err() == nil {
			found, err := e.statuses(ctx)
			if err == nil {
				e.note(found)
			}
			time.Sleep(pace)
		}
	}()
}

func (e *episode) note(found map[string]status) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, s := range found {
		if e.seen[name] == nil {
			e.seen[name] = map[string]bool{}
		}
		for _, signal := range s.Signals {
			e.seen[name][signal.Name+"="+signal.State] = true
		}
		e.seen[name][s.LastDecision.Reason] = true
		for _, condition := range s.Conditions {
			e.seen[name][condition.Type+"="+string(condition.Status)+"/"+condition.Reason] = true
			e.seen[name][condition.Message] = true
		}
	}
}

// awaitKnown waits until all policies know all their signals, and forgets what was noted before.
func (e *episode) awaitKnown() {
	e.t.Helper()
	await(e.t, "all signals known", settle, func() error {
		found, err := e.statuses(e.t.Context())
		if err != nil {
			return err
		}
		for _, service := range services {
			healthy := meta.FindStatusCondition(found[service.name].Conditions, "SignalsHealthy")
			if healthy == nil || healthy.Status != metav1.ConditionTrue {
				return fmt.Errorf("%s: %+v", service.name, healthy)
			}
		}
		return nil
	})
}

// stays lets that time pass, in which the replicas must stay. What the policies say meanwhile is noted anew.
func (e *episode) stays(during time.Duration) {
	e.t.Helper()
	e.forget()
	for end := time.Now().Add(during); time.Now().Before(end); time.Sleep(pace) {
		e.checkReplicas()
	}
}

func (e *episode) forget() {
	e.t.Helper()
	e.before = len(e.decisions())
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = map[string]map[string]bool{}
}

// checkReplicas fails the test if anything has moved the replicas since the beginning, and be it for a moment.
func (e *episode) checkReplicas() {
	e.t.Helper()
	for _, service := range services {
		now := e.deployment(service.name)
		if *now.Spec.Replicas != replicas || now.Generation != e.generations[service.name] {
			e.t.Fatalf("%s: %d replicas, generation %d; all the time it should have had %d, generation %d\n%s", service.name,
				*now.Spec.Replicas, now.Generation, replicas, e.generations[service.name], e.changes(service.name))
		}
	}
}

// told fails the test unless decisions on every service tell that its signal was in one of these states. (The status
// tells all at once only when the reason changes, and else once a minute.)
func (e *episode) told(states ...string) {
	e.t.Helper()
	for _, service := range services {
		e.toldOf(service.name, service.logged, states...)
	}
}

// toldUncovered fails the test unless decisions by rates tell that their window was not filled.
func (e *episode) toldUncovered() {
	e.t.Helper()
	for _, service := range services {
		if service.rate {
			e.toldOf(service.name, service.logged, "Uncovered")
		}
	}
}

func (e *episode) toldOf(service, signal string, states ...string) {
	e.t.Helper()
	for _, d := range e.decisions()[e.before:] {
		for _, state := range states {
			if d.policy == e.namespace+"/"+service && strings.Contains(d.line, " "+signal+"="+state+"/") {
				return
			}
		}
	}
	e.t.Errorf("no decision on %s tells that %s is one of %q", service, signal, states)
}

// toldMissing fails the test unless every policy's status has named a missing signal as its reason.
func (e *episode) toldMissing() {
	e.t.Helper()
	for _, service := range services {
		e.said(service.name, "SignalMissing")
		e.said(service.name, "SignalsHealthy=False/SignalMissing")
		e.said(service.name, "ScalingActive=False/SignalMissing")
		e.said(service.name, service.signal+"=Failed", service.signal+"=NoData", service.signal+"=NotANumber")
	}
}

// said fails the test unless the status of the service's policy has had one of these words.
func (e *episode) said(service string, anyOf ...string) {
	e.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.ContainsFunc(anyOf, func(words string) bool { return e.seen[service][words] }) {
		e.t.Errorf("the policy of %s said none of %q, but %q", service, anyOf, slices.Sorted(maps.Keys(e.seen[service])))
	}
}

// recover waits until the signals are known again, and for a while longer, in which nothing may happen. Then the load
// really drops, and that must be seen: what held the replicas was no blindness that stayed.
func (e *episode) recover() {
	e.t.Helper()
	e.awaitKnown()
	for end := time.Now().Add(calmFor); time.Now().Before(end); time.Sleep(pace) {
		e.checkReplicas()
	}
	e.awaitKnown()
	for _, d := range e.decisions() {
		if d.from != "8" || d.to != "8" {
			e.t.Errorf("decided under constant load: %s", d.line)
		}
	}
	pods.drop(e.namespace)
	await(e.t, "scale-in after the load has dropped", settle, func() error {
		for _, service := range services {
			now := *e.deployment(service.name).Spec.Replicas
			if service.stabilization <= 60 && now == replicas {
				return fmt.Errorf("%s still has all %d replicas", service.name, now)
			}
			if service.stabilization > 60 && !e.wantsFewer(service.name) {
				return fmt.Errorf("%s does not even want fewer replicas", service.name)
			}
		}
		return nil
	})
}

type decision struct{ policy, from, to, line string }

var decisionLine = regexp.MustCompile(`decision policy=(\S+) target=\S+ replicas=(\d+)→(\d+) `)

// decisions are all that the controller has made.
func (e *episode) decisions() []decision {
	e.t.Helper()
	text, err := os.ReadFile(e.log)
	must(e.t, err)
	var all []decision
	for line := range strings.Lines(string(text)) {
		if match := decisionLine.FindStringSubmatch(line); match != nil {
			all = append(all, decision{match[1], match[2], match[3], strings.TrimSpace(line)})
		}
	}
	return all
}

// changes are the decisions on a service that were about other replicas, for people.
func (e *episode) changes(service string) string {
	e.t.Helper()
	var lines []string
	for _, d := range e.decisions() {
		if d.policy == e.namespace+"/"+service && (d.from != "8" || d.to != "8") {
			lines = append(lines, d.line)
		}
	}
	return strings.Join(lines, "\n")
}

// explain shows, if the test has failed, what the controller said last.
func (e *episode) explain() {
	if text, err := os.ReadFile(e.log); e.t.Failed() && err == nil {
		const most = 16 << 10
		e.t.Logf("the end of the controller's log:\n%s", text[max(0, len(text)-most):])
	}
}

var (
	fewer = regexp.MustCompile(` ratio=[2-7] `)
	held  = regexp.MustCompile(` stabilize=8[ (]`)
)

// wantsFewer: the module proposes fewer, and the stabilization window alone holds the replicas.
func (e *episode) wantsFewer(service string) bool {
	for _, d := range slices.Backward(e.decisions()) {
		if d.policy == e.namespace+"/"+service {
			return fewer.MatchString(d.line) && held.MatchString(d.line)
		}
	}
	return false
}
