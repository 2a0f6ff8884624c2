package outage

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Longer than every window: of rates, and of stabilization.
const longest = 325 * time.Second

// Until a round later has been decided on for certain.
const turnover = 2 * syncPeriod

func newNamespace(t *testing.T, name string) string {
	t.Helper()
	_, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	must(t, err)
	return name
}

func TestReplicasStayWhilePrometheusIsKilledAndComesBackEmpty(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t, "killed")
	prometheus := newSource(t, namespace)
	e := begin(t, namespace, prometheus.url())
	prometheus.kill()
	e.stays(longest)
	e.toldMissing()
	e.told("Failed")
	e.forget()
	prometheus.startEmpty()
	e.recover()
	e.toldUncovered() // before the window was full
}

func TestReplicasStayWhilePrometheusIsStoppedAndGoesOn(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t, "stopped")
	prometheus := newSource(t, namespace)
	e := begin(t, namespace, prometheus.url())
	prometheus.pause()
	e.stays(180 * time.Second)
	e.toldMissing()
	e.told("Failed")
	e.forget()
	prometheus.resume()
	e.recover()
	e.toldUncovered() // while the window had the gap in it
}

func TestReplicasStayWhilePrometheusIsSlowAndItIsAskedLess(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t, "slow")
	d := newDisturber(t, newSource(t, namespace).url())
	e := begin(t, namespace, d.url)
	const before = 30 * time.Second
	asked := d.asked.Load()
	e.stays(before)
	well := float64(d.asked.Load()-asked) / before.Seconds()

	d.now.Store(&answer{delay: 10 * time.Second})
	asked = d.asked.Load()
	e.stays(longest)
	ill := float64(d.asked.Load()-asked) / longest.Seconds()
	if ill > well/2 {
		t.Errorf("asked %.2f times a second while slow, and %.2f before", ill, well)
	}
	e.toldMissing()
	e.told("Failed")
	d.now.Store(nil)
	e.recover()
}

func TestReplicasStayWhilePrometheusAnswersWrongly(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t, "wrong")
	d := newDisturber(t, newSource(t, namespace).url())
	e := begin(t, namespace, d.url)
	for _, answer := range wrongAnswers {
		d.now.Store(answer)
		t.Logf("now the answers are %s", answer.name)
		e.stays(turnover) // until nothing is about the answers before
		e.stays(longest/time.Duration(len(wrongAnswers)) - turnover)
		e.toldMissing()
		e.told(answer.states...)
	}
	d.now.Store(nil)
	e.recover()
}
