package e2e

import "testing"

// The proxy counts requests also while there is no pod to serve them; that wakes the service.
func TestServiceWithoutTrafficGoesToZeroAndTheFirstRequestBringsItBack(t *testing.T) {
	s := newShop(t, "asleep")
	s.open(2)
	s.steer(map[string]any{"minReplicas": 0})
	s.awaitReplicas(0)
	s.awaitCondition("ScaledToZero", "True", "ScaledToZero")
	for _, d := range s.staysAt(0, 3) {
		if d.to != 0 || d.reason != "NoTraffic" {
			t.Errorf("asleep, and yet: %s", d.line)
		}
	}
	_, _ = get(t.Context(), s.url+"/work?ms=1") // nobody is there to answer it
	s.awaitReplicas(1)
	s.awaitCondition("ScaledToZero", "False", "NotScaledToZero")
	await(t, "an answer of the woken service", soon, func() error {
		_, err := get(t.Context(), s.url+"/work?ms=1")
		return err
	})
	s.checkPauseByHand()
}

// A zero that is not the controller's is a pause, traffic or not.
func (s *shop) checkPauseByHand() {
	s.t.Helper()
	s.kubectl("scale", "deployment/checkout", "--replicas=0")
	s.awaitCondition("ScalingActive", "False", "ScalingDisabled")
	s.load()
	for _, d := range s.staysAt(0, 6) {
		if d.to != 0 || d.reason != "Paused" {
			s.t.Errorf("paused by hand, and yet: %s", d.line)
		}
	}
}

func TestMinReplicas0WithoutASignalThatOutlivesThePodsIsRefused(t *testing.T) {
	s := newShop(t, "lost")
	s.open(2)
	s.steer(map[string]any{"minReplicas": 0, "metrics": map[string]any{"preset": "prom-client", "window": "10s"}})
	s.awaitCondition("Ready", "False", "InvalidSpec")
	for _, d := range s.staysAt(2, 3) {
		if d.to != 2 || d.reason != "InvalidSpec" {
			t.Errorf("it could not come back from zero, and yet: %s", d.line)
		}
	}
}
