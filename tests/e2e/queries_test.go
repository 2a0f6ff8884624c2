package e2e

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
)

// Prometheus says what is wrong with a query; whoever wrote it must be able to read that.
func TestSyntaxErrorOfOneQueryIsToldAndHarmsNobodyElse(t *testing.T) {
	s := newShop(t, "typo")
	s.open(2)
	latency := func(promql string) map[string]any {
		return map[string]any{"window": "10s", "queries": map[string]any{"latencyP99": promql}}
	}
	s.steer(map[string]any{"metrics": latency("max(p99_of_my_own")})
	s.steerAs("sound", map[string]any{"mode": "Observe", "metrics": latency("vector(0.1)")})
	s.awaitStatus("Prometheus' words in the condition", patiently, func(now status) error {
		condition := meta.FindStatusCondition(now.Conditions, "SignalsHealthy")
		if condition == nil || condition.Status != "False" ||
			!strings.Contains(condition.Message, "parse error: unclosed left parenthesis") {
			return fmt.Errorf("it is %+v", condition)
		}
		return nil
	})
	await(t, "value of the sound policy's query", patiently, func() error {
		now, err := s.statusOf("sound")
		if err != nil {
			return err
		}
		for _, signal := range now.Signals {
			if signal.Name == "latencyP99" && signal.State == "Value" {
				return nil
			}
		}
		return fmt.Errorf("its signals are %+v", now.Signals)
	})
}
