package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"evenkeel.dev/tests/cluster/proc"
)

// A container that ends is started again after a pause that doubles, until it has run for a while.
const (
	firstBackOff   = time.Second
	longestBackOff = time.Minute
	backOffReset   = 2 * time.Minute
)

// runner runs the one container of one pod as a process, again and again where its restartPolicy says so.
type runner struct {
	agent *Agent
	pod   *corev1.Pod // as first seen: a spec does not change, labels may
	dir   string

	ctx    context.Context // ends when the pod is to end
	cancel context.CancelFunc
	done   chan struct{} // closed when the process is gone for good

	mu        sync.Mutex
	ports     map[int32]int // container port → port of 127.0.0.1; written by the run loop only
	status    corev1.ContainerStatus
	startTime metav1.Time
	ending    bool // out of the proxy, whatever the probe says
	grace     time.Duration
	refreshAt time.Time // of the token; zero while the pod has none
}

func newRunner(a *Agent, pod *corev1.Pod) *runner {
	r := &runner{
		agent: a, pod: pod, dir: a.podDir(pod.Namespace, pod.Name),
		done: make(chan struct{}), ports: map[int32]int{}, startTime: metav1.Now(),
	}
	r.ctx, r.cancel = context.WithCancel(a.ctx)
	r.grace = r.specGrace()
	container := r.container()
	r.status = corev1.ContainerStatus{Name: container.Name, Image: container.Image, ImageID: "local/" + imageName(container.Image)}
	r.status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	return r
}

func (r *runner) container() *corev1.Container { return &r.pod.Spec.Containers[0] }

func (r *runner) specGrace() time.Duration {
	if seconds := r.pod.Spec.TerminationGracePeriodSeconds; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return corev1.DefaultTerminationGracePeriodSeconds * time.Second
}

// run is the pod's life. It returns when the process has ended for good.
func (r *runner) run() {
	defer r.agent.changed(r.pod)
	defer close(r.done)
	backOff := firstBackOff
	for {
		begun := time.Now()
		code, err := r.runOnce()
		if r.ctx.Err() != nil || (err == nil && !restarts(r.pod.Spec.RestartPolicy, code)) {
			return
		}
		if time.Since(begun) > backOffReset {
			backOff = firstBackOff
		}
		if err == nil {
			r.wait("CrashLoopBackOff", fmt.Sprintf("back-off %s restarting failed container", backOff))
		}
		select {
		case <-r.ctx.Done():
			return
		case <-time.After(backOff):
		}
		backOff = min(2*backOff, longestBackOff)
	}
}

func restarts(policy corev1.RestartPolicy, code int) bool {
	return policy == corev1.RestartPolicyAlways || (policy == corev1.RestartPolicyOnFailure && code != 0)
}

// runOnce runs the process once; the error says why it could not be started.
func (r *runner) runOnce() (code int, err error) {
	cmd, err := r.prepare()
	if err != nil {
		r.wait("CreateContainerConfigError", err.Error())
		return 0, err
	}
	out, err := os.OpenFile(filepath.Join(r.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		r.wait("CreateContainerError", err.Error())
		return 0, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	process, err := proc.Start(cmd)
	if err != nil {
		r.wait("RunContainerError", err.Error())
		return 0, err
	}
	if err := writeFile(filepath.Join(r.dir, "pid"), []byte(strconv.Itoa(process.Pid())+"\n")); err != nil {
		r.agent.logf("%s/%s: %v", r.pod.Namespace, r.pod.Name, err)
	}
	begun := r.setRunning(process.Pid())
	probes, stopProbes := context.WithCancel(r.ctx)
	go r.watchProbes(probes, process)
	select {
	case <-process.Done():
	case <-r.ctx.Done():
		process.Stop(r.agent.hurry, r.graceLeft())
	}
	stopProbes()
	r.setTerminated(process, begun)
	return process.ExitCode(), nil
}

// prepare makes all that the process needs: ports, token, environment, command line.
func (r *runner) prepare() (*exec.Cmd, error) {
	ctx, cancel := context.WithTimeout(r.ctx, 10*time.Second)
	defer cancel()
	if err := supported(r.pod); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, err
	}
	if err := r.mapPorts(); err != nil {
		return nil, err
	}
	if err := r.refreshToken(ctx); err != nil {
		return nil, err
	}
	env, err := r.environment(ctx)
	if err != nil {
		return nil, err
	}
	words, err := r.arguments(env)
	if err != nil {
		return nil, err
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, words[1:]...)
	cmd.Dir = r.dir
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, name+"="+env[name])
	}
	return cmd, nil
}

// supported refuses what the agent would have to run differently from what the pod asks for.
func supported(pod *corev1.Pod) error {
	if len(pod.Spec.Containers) != 1 || len(pod.Spec.InitContainers) != 0 {
		return errors.New("the local node agent runs pods with exactly one container and no init container")
	}
	container := pod.Spec.Containers[0]
	for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
		if probe != nil && probe.HTTPGet == nil && probe.TCPSocket == nil {
			return errors.New("the local node agent knows only httpGet and tcpSocket probes")
		}
	}
	return nil
}

// mapPorts gives each container port a port of this machine, the same again after a restart if that is still free.
func (r *runner) mapPorts() error {
	for _, port := range r.container().Ports {
		if old := r.ports[port.ContainerPort]; old != 0 {
			if proc.PortIsFree(old) {
				continue
			}
			proc.ReleasePort(old)
		}
		local, err := proc.FreePort()
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.ports[port.ContainerPort] = local
		r.mu.Unlock()
	}
	return nil
}

// localPortOf is the port of this machine for a container port, 0 when there is none.
func (r *runner) localPortOf(containerPort int32) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ports[containerPort]
}

func (r *runner) wait(reason, message string) {
	r.update(func() {
		r.status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	})
}

func (r *runner) setRunning(pid int) (begun metav1.Time) {
	begun = metav1.Now()
	started := true
	r.update(func() {
		if r.status.LastTerminationState.Terminated != nil {
			r.status.RestartCount++
		}
		r.status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: begun}}
		r.status.Started = &started
		r.status.ContainerID = fmt.Sprintf("process://%d", pid)
	})
	return begun
}

func (r *runner) setReady(ready bool) {
	r.mu.Lock()
	same := r.status.Ready == ready || r.status.State.Running == nil
	r.mu.Unlock()
	if !same {
		r.update(func() { r.status.Ready = ready })
	}
}

func (r *runner) setTerminated(process *proc.Process, begun metav1.Time) {
	code := process.ExitCode()
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	terminated := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: int32(code), Reason: reason, StartedAt: begun, FinishedAt: metav1.Now(),
		ContainerID: fmt.Sprintf("process://%d", process.Pid()),
	}}
	started := false
	r.update(func() {
		r.status.State, r.status.LastTerminationState = terminated, terminated
		r.status.Ready, r.status.Started = false, &started
	})
}

// update changes the status and has it reported.
func (r *runner) update(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	r.agent.changed(r.pod)
}

func (r *runner) containerStatus() corev1.ContainerStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return *r.status.DeepCopy()
}

// serving tells whether the proxy may send requests to the pod.
func (r *runner) serving() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status.Ready && !r.ending
}

// end takes the pod out of the proxy, waits until no new request can come from there, and lets the process
// end within grace. It returns at once; done tells the end.
func (r *runner) end(grace time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending {
		return
	}
	r.ending, r.grace = true, grace
	go func() {
		defer r.cancel()
		r.agent.publishOrRetry(r.ctx)
		select {
		case <-time.After(2 * staleness):
		case <-r.ctx.Done():
		}
	}()
}

func (r *runner) graceLeft() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.grace
}

func (r *runner) releasePorts() {
	for _, port := range r.ports {
		proc.ReleasePort(port)
	}
}
