package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever checks a policy in a pipeline must read there what the API server would say.
func TestInvalidPolicyIsRefusedByTheAPIServerAndByCheckWithTheSameWords(t *testing.T) {
	s := newShop(t, "refused")
	for _, name := range []string{"min-above-max", "latency-without-unit", "no-objective", "error-rate-above-all", "preset-and-presets", "match-namespace"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("..", "manifests", "policies", "invalid", name+".yaml")
			path, words := expectation(t, file)
			_, err := kubectl(t.Context(), "-n", s.namespace, "apply", "-f", file)
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), words) {
				t.Errorf("kubectl apply does not say %s: %s, but: %v", path, words, err)
			}
			out, err := exec.CommandContext(t.Context(), binary, "check", "-f", file).Output()
			if code := exitCode(err); code != 1 || !strings.Contains(string(out), path+": "+words) {
				t.Errorf("evenkeel check exits with %d and does not say %s: %s, but: %s", code, path, words, out)
			}
		})
	}
	if out := s.kubectl("get", "spol", "-o", "name"); out != "" {
		t.Errorf("refused and yet there: %s", out)
	}
}

func TestAdmittedPolicyPassesCheck(t *testing.T) {
	s := newShop(t, "admitted")
	file := filepath.Join(t.TempDir(), "policy.yaml")
	must(t, os.WriteFile(file, []byte(policy), 0o600))
	s.kubectl("apply", "-f", file)
	out, err := exec.CommandContext(t.Context(), binary, "check", "-f", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "checkout: OK") {
		t.Errorf("evenkeel check: %v, %s", err, out)
	}
}

func exitCode(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// expectation is the first line of an invalid policy: # expect: <field path>: <message>.
func expectation(t *testing.T, file string) (path, message string) {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	line, err := bufio.NewReader(f).ReadString('\n')
	rest, ok := strings.CutPrefix(line, "# expect: ")
	path, message, found := strings.Cut(strings.TrimSpace(rest), ": ")
	if err != nil || !ok || !found || message == "" {
		t.Fatalf("%s does not begin with # expect: <field path>: <message>", file)
	}
	return path, message
}
