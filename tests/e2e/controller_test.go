package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// controllerPod is the one pod of the controller; its process may be another after a restart.
type controllerPod struct {
	name    string
	checked int // bytes of the log in which refusals have been looked for
}

var controller controllerPod

func (c *controllerPod) pod(ctx context.Context) (*corev1.Pod, error) {
	list, err := client.CoreV1().Pods(home).List(ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=controller"})
	if err != nil {
		return nil, err
	}
	if len(list.Items) != 1 {
		return nil, fmt.Errorf("the controller has %d pods", len(list.Items))
	}
	c.name = list.Items[0].Name
	return &list.Items[0], nil
}

func (c *controllerPod) file(name string) string {
	return filepath.Join(local.PodDir(home, c.name), name)
}

func (c *controllerPod) pid() (int, error) {
	text, err := os.ReadFile(c.file("pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// url is where the process serves; the agent may give it another port after a restart.
func (c *controllerPod) url() (string, error) {
	pid, err := c.pid()
	if err != nil {
		return "", err
	}
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return "", err
	}
	for variable := range strings.SplitSeq(string(environment), "\x00") {
		if port, ok := strings.CutPrefix(variable, "PORT_HTTP="); ok {
			return "http://127.0.0.1:" + port, nil
		}
	}
	return "", fmt.Errorf("process %d has no PORT_HTTP", pid)
}

func (c *controllerPod) get(ctx context.Context, path string) (string, error) {
	url, err := c.url()
	if err != nil {
		return "", err
	}
	return get(ctx, url+path)
}

func (c *controllerPod) answers(ctx context.Context, path string) error {
	_, err := c.get(ctx, path)
	return err
}

func get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %s", url, response.Status, body)
	}
	return string(body), err
}

// metric is the sum of the controller's series of that name.
func (c *controllerPod) metric(ctx context.Context, name string) (float64, error) {
	body, err := c.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	sum, found := 0.0, false
	for line := range strings.Lines(body) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || !strings.ContainsAny(rest[:1], "{ ") {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndex(rest, " "):]), 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", line, err)
		}
		sum, found = sum+value, true
	}
	if !found {
		return 0, fmt.Errorf("/metrics has no %s", name)
	}
	return sum, nil
}

func (c *controllerPod) log() string {
	text, err := os.ReadFile(c.file("log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// newRefusals are the lines, since the last call, that tell of something that RBAC does not allow. An API server that
// has just begun to serve may not have read its own roles yet, and says that they are "not found": no fault of ours.
func (c *controllerPod) newRefusals() []string {
	log := c.log()
	fresh := log[min(c.checked, len(log)):]
	c.checked = len(log)
	var lines []string
	for line := range strings.Lines(fresh) {
		starting := strings.Contains(line, "rbac: RBAC: [") && strings.Contains(line, "not found")
		if strings.Contains(strings.ToLower(line), "forbidden") && !starting {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// decision is what a decision line of the log says.
type decision struct {
	from, to                          int
	policy, reason, mode, patch, line string
}

var decisionLine = regexp.MustCompile(`decision policy=(\S+) target=\S+ replicas=(\d+)→(\d+) reason=(\S+) .*mode=(\S+) patch=(\S+)`)

// decisions are all that were made for the policies of a namespace, in order, whichever process made them.
func (c *controllerPod) decisions(namespace string) []decision {
	var all []decision
	for line := range strings.Lines(c.log()) {
		match := decisionLine.FindStringSubmatch(line)
		if match == nil || !strings.HasPrefix(match[1], namespace+"/") {
			continue
		}
		from, _ := strconv.Atoi(match[2])
		to, _ := strconv.Atoi(match[3])
		all = append(all, decision{from, to, match[1], match[4], match[5], match[6], strings.TrimSpace(line)})
	}
	return all
}

// same fails the test if the controller's process is another one than before.
func (c *controllerPod) same(t *testing.T, before int) {
	t.Helper()
	if now := controllerPid(t); now != before {
		t.Errorf("the controller was process %d and is now %d: it did not go on by itself", before, now)
	}
}

func controllerPid(t *testing.T) int {
	t.Helper()
	pid, err := controller.pid()
	must(t, err)
	return pid
}

// lastLines is the end of a file, for people.
func lastLines(file string, count int) string {
	f, err := os.Open(file)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if lines = append(lines, scanner.Text()); len(lines) > count {
			lines = lines[1:]
		}
	}
	return strings.Join(lines, "\n")
}
