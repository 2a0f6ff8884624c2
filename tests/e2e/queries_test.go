package e2e

import (
	"errors"
	"strings"
	"testing"
)

// Prometheus says what is wrong with a query; whoever wrote it must be able to read that.
func TestSyntaxErrorOfOneQueryIsToldAndHarmsNobodyElse(t *testing.T) {
	s := newShop(t, "typo")
	s.open(2)
	s.steer(map[string]any{"metrics": map[string]any{
		"window": "10s", "queries": map[string]any{"depth": "sum(jobs_waiting"},
	}})
	s.steerAs("sound", map[string]any{"mode": "Observe", "metrics": map[string]any{
		"window": "10s", "queries": map[string]any{"depth": "vector(7)"},
	}})
	const words = "parse error: unclosed left parenthesis"
	condition := s.awaitCondition("SignalsHealthy", "False", "SignalMissing")
	if !strings.Contains(condition.Message, words) {
		t.Errorf("SignalsHealthy does not say %q: %s", words, condition.Message)
	}
	await(t, "value of the sound policy's query", patiently, func() error {
		now, err := s.statusOf("sound")
		if err != nil {
			return err
		}
		for _, signal := range now.Signals {
			if signal.State != "Value" && signal.State != "NoTraffic" {
				return errors.New(signal.Name + " is " + signal.State + ": " + signal.Message)
			}
			if signal.Name == "depth" && signal.Value == "7" {
				return nil
			}
		}
		return errNone
	})
}
