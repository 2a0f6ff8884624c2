package cluster_test

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"evenkeel.dev/tests/cluster"
)

func TestPodsOfADeploymentAreProcessesThatServe(t *testing.T) {
	address := deploy(t, sharedClient, "serves", 2)
	for _, pod := range pods(t, sharedClient, "serves") {
		pid := podPid(t, shared, pod.Name)
		if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err != nil || program != executable() {
			t.Errorf("process %d of pod %s runs %q (%v), not the image's command", pid, pod.Name, program, err)
		}
	}
	environment, err := get(address + "/environment")
	must(t, err)
	for _, wanted := range []string{"KUBERNETES_SERVICE_HOST=127.0.0.1\n", "SERVES_SERVICE_HOST=127.0.0.1\n", " $(NOWHERE) $(PORT)\n", "PORT_HTTP="} {
		if !strings.Contains(environment, wanted) {
			t.Errorf("the pod's environment lacks %q:\n%s", wanted, environment)
		}
	}
}

func TestADeletedPodAnswersItsLastRequestAndIsGone(t *testing.T) {
	address := deploy(t, sharedClient, "drains", 1)
	pod := pods(t, sharedClient, "drains")[0]
	pid := podPid(t, shared, pod.Name)
	answer := make(chan string)
	go func() {
		body, err := get(address + "/?wait=3s")
		answer <- fmt.Sprint(body, err)
	}()
	await(t, "request in flight", func() error { return inFlight(address, 1) })
	must(t, sharedClient.CoreV1().Pods("default").Delete(t.Context(), pod.Name, metav1.DeleteOptions{}))
	if got := <-answer; !strings.Contains(got, pod.Name) {
		t.Errorf("the request in flight got %q, not an answer of %s", got, pod.Name)
	}
	await(t, "end of the pod", func() error {
		_, err := sharedClient.CoreV1().Pods("default").Get(t.Context(), pod.Name, metav1.GetOptions{})
		if !apierrors.IsNotFound(err) || alive(pid) {
			return fmt.Errorf("pod: %v, process alive: %t", err, alive(pid))
		}
		return nil
	})
}

// inFlight asks the kernel: it is no metric's business to tell the truth here.
func inFlight(address string, wanted int) error {
	parsed, err := url.Parse(address)
	if err != nil {
		return err
	}
	out, err := exec.Command("ss", "-Htn", "state", "established", "dport = :"+parsed.Port()).Output()
	if count := strings.Count(string(out), "\n"); err == nil && count < wanted {
		err = fmt.Errorf("%d connections", count)
	}
	return err
}

func TestScalingLosesNoRequestAndSendsNoneToAnEndingPod(t *testing.T) {
	address := deploy(t, sharedClient, "scales", 1)
	done := make(chan struct{})
	var load sync.WaitGroup
	var answered atomic.Int64
	var failures sync.Map
	for range 8 {
		load.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := get(address + "/?wait=20ms"); err != nil {
					failures.Store(err.Error(), true)
				}
				answered.Add(1)
			}
		})
	}
	for _, replicas := range []int{4, 1, 3, 1} {
		scale(t, sharedClient, "scales", replicas)
		awaitReady(t, sharedClient, "scales", int32(replicas))
	}
	close(done)
	load.Wait()
	failures.Range(func(failure, _ any) bool {
		t.Error(failure)
		return true
	})
	logs, err := filepath.Glob(shared.PodDir("default", "scales-*") + "/log")
	must(t, err)
	if len(logs) != 6 { // 1, 3 more, and 2 more after the first end
		t.Errorf("there are logs of %d pods: %v", len(logs), logs)
	}
	for _, name := range logs {
		if log, err := os.ReadFile(name); err != nil || strings.Contains(string(log), "late request") {
			t.Errorf("%s: %v: a request came after SIGTERM:\n%s", name, err, log)
		}
	}
	if answered.Load() < 100 {
		t.Errorf("only %d requests were made", answered.Load())
	}
}

func TestAFailingPodIsStartedAgainLaterAndLater(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "fails"}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "app", Image: "probe", Command: []string{"sh", "-c", "date +%s%N; exit 3"}}}}}
	_, err := sharedClient.CoreV1().Pods("default").Create(t.Context(), pod, metav1.CreateOptions{})
	must(t, err)
	await(t, "second restart and back-off", func() error {
		got, err := sharedClient.CoreV1().Pods("default").Get(t.Context(), "fails", metav1.GetOptions{})
		if err != nil {
			return err
		}
		status := got.Status.ContainerStatuses
		if len(status) != 1 || status[0].RestartCount < 2 || status[0].State.Waiting == nil ||
			status[0].State.Waiting.Reason != "CrashLoopBackOff" || status[0].LastTerminationState.Terminated.ExitCode != 3 {
			return fmt.Errorf("status is %+v", status)
		}
		return nil
	})
	log, err := os.ReadFile(filepath.Join(shared.PodDir("default", "fails"), "log"))
	must(t, err)
	var starts [3]int64
	_, err = fmt.Sscan(string(log), &starts[0], &starts[1], &starts[2])
	must(t, err)
	first, second := time.Duration(starts[1]-starts[0]), time.Duration(starts[2]-starts[1])
	if first < time.Second || second < 2*time.Second {
		t.Errorf("restarted after %s and %s, not after at least 1s and 2s", first, second)
	}
}

func TestPrometheusHasTheLabelsThatAnOperatorAndAnIngressGive(t *testing.T) {
	address := deploy(t, sharedClient, "scraped", 1)
	_, err := get(address)
	must(t, err)
	for _, query := range []string{
		`probe_pod{namespace="default",container="app",job="default/scraped",pod=~"scraped-.+"}`,
		`caddy_http_request_duration_seconds_bucket{namespace="default",service="scraped",job="caddy",code="200"}`,
	} {
		await(t, "series "+query, func() error {
			body, err := get(shared.PrometheusURL + "/api/v1/query?query=" + url.QueryEscape(query))
			if err == nil && !strings.Contains(body, `"metric":`) {
				err = errors.New(body)
			}
			return err
		})
	}
}

func TestAPIServerRestartKeepsDataAndPods(t *testing.T) {
	deploy(t, sharedClient, "survives", 1)
	pod := pods(t, sharedClient, "survives")[0]
	pid := podPid(t, shared, pod.Name)
	apiserver, err := shared.Component("kube-apiserver")
	must(t, err)
	begun := time.Now()
	must(t, apiserver.Stop(t.Context()))
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("it took %s to stop the API server: it was killed, not ended", took)
	}
	if _, err := sharedClient.Discovery().ServerVersion(); err == nil {
		t.Error("a stopped API server answers")
	}
	must(t, apiserver.Start(t.Context()))
	if after := pods(t, sharedClient, "survives"); len(after) != 1 || after[0].UID != pod.UID || !alive(pid) {
		t.Errorf("after the restart there are %d pods, process alive: %t", len(after), alive(pid))
	}
	scale(t, sharedClient, "survives", 2)
	awaitReady(t, sharedClient, "survives", 2)
}

func TestAPausedComponentIsSilentUntilResumed(t *testing.T) {
	prometheus, err := shared.Component("prometheus")
	must(t, err)
	must(t, prometheus.Pause(t.Context()))
	impatient := http.Client{Timeout: 500 * time.Millisecond}
	if response, err := impatient.Get(shared.PrometheusURL + "/-/ready"); err == nil {
		response.Body.Close()
		t.Errorf("a paused component answered: %s", response.Status)
	}
	must(t, prometheus.Resume(t.Context()))
	await(t, "answer of the resumed component", func() error {
		_, err := get(shared.PrometheusURL + "/-/ready")
		return err
	})
}

func TestRotatedServiceAccountKeyReachesThePod(t *testing.T) {
	deploy(t, sharedClient, "rotates", 1)
	file := filepath.Join(shared.PodDir("default", pods(t, sharedClient, "rotates")[0].Name), "serviceaccount", "token")
	old, err := os.ReadFile(file)
	must(t, err)
	must(t, shared.RotateServiceAccountKey(t.Context()))
	renewed, err := os.ReadFile(file)
	must(t, err)
	if err := whoAmI(t, string(old)); !apierrors.IsUnauthorized(err) {
		t.Errorf("the old token gives %v, not Unauthorized", err)
	}
	must(t, whoAmI(t, string(renewed)))
}

func TestClustersRunSideBySideAndStopLeavesNoProcess(t *testing.T) {
	before := children(t, os.Getpid())
	second, err := cluster.Start(t.Context(), options(t.TempDir()))
	must(t, err)
	defer second.Stop()
	client, err := second.Client()
	must(t, err)
	deploy(t, client, "second", 1)
	if _, err := sharedClient.AppsV1().Deployments("default").Get(t.Context(), "second", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the first cluster has the second's deployment: %v", err)
	}
	if during := children(t, os.Getpid()); len(during) < len(before)+6 {
		t.Errorf("%d children before, %d with a second cluster of five components and one pod", len(before), len(during))
	}
	second.Stop()
	if after := children(t, os.Getpid()); len(after) != len(before) {
		t.Errorf("children before: %v, after Stop: %v", before, after)
	}
	must(t, func() error { _, err := sharedClient.Discovery().ServerVersion(); return err }())
}

func TestKillingTheOwnerEndsEverything(t *testing.T) {
	owner := exec.Command(executable(), "own", t.TempDir())
	owner.Stderr = os.Stderr
	out, err := owner.StdoutPipe()
	must(t, err)
	must(t, owner.Start())
	defer func() {
		_ = owner.Process.Kill()
		_ = owner.Wait()
	}()
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the owner said %q, %v", line, err)
	}
	orphans := children(t, owner.Process.Pid)
	if len(orphans) < 5 {
		t.Fatalf("the owner has only %d children", len(orphans))
	}
	must(t, owner.Process.Kill())
	await(t, "end of the owner's children", func() error {
		for _, pid := range orphans {
			if alive(pid) {
				return fmt.Errorf("process %d is alive", pid)
			}
		}
		return nil
	})
}
