package e2e

import "testing"

// While a new version replaces the old one pod by pod, there is one pod more than asked for. The HPA takes it for
// load: within the tolerance it writes status.replicas, and every rollout leaves the service larger.
func TestRollingUpdateUnderLoadInflatesNothing(t *testing.T) {
	s := newShop(t, "rolling")
	s.open(4)
	s.kubectl("patch", "deployment", "checkout", "--type=merge", "-p",
		`{"spec": {"strategy": {"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}}}`)
	s.load() // 40 requests a second, 10 for each of 4 replicas
	s.steer(map[string]any{
		"maxReplicas": 12,
		"policies": []any{map[string]any{"name": "ratio", "params": map[string]any{
			"signal": "requestRate", "target": int64(10), "type": "AverageValue"}}},
	})
	s.awaitStatus("decision within the tolerance", patiently, func(now status) error {
		if now.LastDecision.Reason != "InTolerance" {
			return errNone
		}
		return nil
	})
	before := len(controller.decisions(s.namespace))
	s.kubectl("rollout", "restart", "deployment/checkout")
	s.kubectl("rollout", "status", "deployment/checkout", "--timeout=120s")
	s.staysAt(4, 3)
	for _, d := range controller.decisions(s.namespace)[before:] {
		if d.from != 4 || d.to != 4 {
			t.Errorf("the load is the same, and yet: %s", d.line)
		}
	}
}
