// Package proc starts child processes that cannot outlive their parent, and ends them for certain.
//
// Every child leads its own process group, so that a terminal's Ctrl-C reaches only the owner, which
// then ends its children in order. The kernel kills a child (PDEATHSIG) when its owner dies without
// having done so. All methods may be called from any goroutine.
package proc

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Process is a started child. It is reaped as soon as it exits.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu     sync.Mutex // guards exited: no signal may be sent to a process id that is free for reuse
	exited bool
}

// spawner runs functions on one thread that lives as long as the program: the kernel sends PDEATHSIG
// when the thread that forked ends, not when the process does.
var spawner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// Start starts cmd, whose outputs must be files (or nil): nothing else would survive a pause of the owner.
func Start(cmd *exec.Cmd) (*Process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	spawner() <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go p.reap()
	return p, nil
}

// reap waits for the exit, then ends what the process left behind in its group, and only then lets
// go of the process id: until that moment nobody else can have it.
func (p *Process) reap() {
	for unix.Waitid(unix.P_PID, p.Pid(), nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	p.mu.Lock()
	_ = syscall.Kill(-p.Pid(), syscall.SIGKILL)
	p.exited = true
	_ = p.cmd.Wait()
	p.mu.Unlock()
	close(p.done)
}

// Pid is the process id, also after the exit.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the process has exited and its group is gone.
func (p *Process) Done() <-chan struct{} { return p.done }

// Running tells whether the process has not exited yet.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// ExitCode is the exit status, or 128 + the signal that ended the process, as shells and kubelets say
// it. Only valid once Done is closed.
func (p *Process) ExitCode() int {
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Signal sends sig to the process alone, as a kubelet does; an exited process ignores it.
func (p *Process) Signal(sig syscall.Signal) { p.signal(p.Pid(), sig) }

// SignalGroup sends sig to the process and all its descendants that stayed in its group.
func (p *Process) SignalGroup(sig syscall.Signal) { p.signal(-p.Pid(), sig) }

// Pause freezes the process and what stayed in its group. It returns when every thread of the process itself
// has stopped: kill(2) only asks for that, and on a busy machine threads that the kernel has not come to
// yet run on for a while.
func (p *Process) Pause(ctx context.Context) error {
	p.SignalGroup(syscall.SIGSTOP)
	for {
		p.mu.Lock()
		stopped, exited := !p.exited && isStopped(p.Pid()), p.exited
		p.mu.Unlock()
		if stopped {
			return nil
		}
		if exited {
			return fmt.Errorf("%s has ended with code %d", p.cmd.Path, p.ExitCode())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pausing %s: %w", p.cmd.Path, ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// Resume lets a paused process go on.
func (p *Process) Resume() { p.SignalGroup(syscall.SIGCONT) }

// isStopped asks without taking the answer away (WNOWAIT), so that it may be asked again.
func isStopped(pid int) bool {
	const stopped = 5 // CLD_STOPPED of waitid(2); siginfo_t is zero where no child is in that state
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Code == stopped
}

func (p *Process) signal(pid int, sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.exited {
		_ = syscall.Kill(pid, sig)
	}
}

// Stop sends SIGTERM, waits for grace or the end of ctx, whichever is first, then kills the group. It
// returns when the process is gone.
func (p *Process) Stop(ctx context.Context, grace time.Duration) {
	p.Signal(syscall.SIGTERM)
	p.Resume() // a paused process acts on SIGTERM only when it runs again
	select {
	case <-p.done:
		return
	case <-ctx.Done():
	case <-time.After(grace):
	}
	p.SignalGroup(syscall.SIGKILL)
	<-p.done
}
