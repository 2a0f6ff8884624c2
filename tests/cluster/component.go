package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"evenkeel.dev/tests/cluster/proc"
)

const (
	startAttempts  = 3               // each on new ports, should another program have taken one
	startDeadline  = 3 * time.Minute // of one attempt; some seconds are usual, on an idle machine
	stopGrace      = 10 * time.Second
	probeEvery     = 50 * time.Millisecond
	errorTailLines = 15
)

// recipe says how a component is run; ports are those given to it, as many as portCount.
type recipe struct {
	portCount int
	prepare   func(ports []int) error // writes what the command reads; nil for nothing
	command   func(ports []int) *exec.Cmd
	healthy   func(ctx context.Context, ports []int) error
}

// Component is one server of the cluster. A stopped one that is started again has the ports and the data
// that it had. Methods may be called from any goroutine.
type Component struct {
	name    string
	logFile string
	log     io.Writer
	recipe  recipe

	mu      sync.Mutex // held throughout Stop, Start, Pause and Resume: one at a time
	ports   []int
	process *proc.Process
	ending  chan struct{} // closed when the end of process is wanted
}

// Start starts the component, unless it runs, and waits until it is healthy.
func (c *Component) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process != nil && c.process.Running() {
		return nil
	}
	if c.ports != nil {
		return c.run(ctx)
	}
	var err error
	for range startAttempts {
		if c.ports, err = newPorts(c.recipe.portCount); err != nil {
			return err
		}
		err = c.run(ctx)
		if err == nil || !strings.Contains(err.Error(), "address already in use") {
			break
		}
	}
	return err
}

// Stop ends the component: SIGTERM, then SIGKILL after ten seconds or when ctx ends.
func (c *Component) Stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return nil
	}
	close(c.ending)
	c.process.Stop(ctx, stopGrace)
	c.process = nil
	return nil
}

// Pause freezes the component: its connections stay open and nothing answers.
func (c *Component) Pause(ctx context.Context) error {
	return c.whileRunning(func(process *proc.Process) error { return process.Pause(ctx) })
}

// Resume lets a paused component go on.
func (c *Component) Resume(context.Context) error {
	return c.whileRunning(func(process *proc.Process) error {
		process.Resume()
		return nil
	})
}

// Pid is the process id, 0 when the component does not run.
func (c *Component) Pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Pid()
}

func (c *Component) whileRunning(do func(*proc.Process) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil || !c.process.Running() {
		return fmt.Errorf("%s is not running", c.name)
	}
	return do(c.process)
}

// run starts the process on c.ports and waits until it is healthy; on failure nothing is left running.
func (c *Component) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	if c.recipe.prepare != nil {
		if err := c.recipe.prepare(c.ports); err != nil {
			return fmt.Errorf("preparing %s: %w", c.name, err)
		}
	}
	out, err := os.OpenFile(c.logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("opening the log of %s: %w", c.name, err)
	}
	defer out.Close()
	cmd := c.recipe.command(c.ports)
	cmd.Stdout, cmd.Stderr = out, out
	process, err := proc.Start(cmd)
	if err != nil {
		return err
	}
	if err := c.await(ctx, process); err != nil {
		process.SignalGroup(syscall.SIGKILL)
		<-process.Done()
		return fmt.Errorf("%s did not become ready: %w; the end of %s:\n%s", c.name, err, c.logFile, tail(c.logFile))
	}
	c.process, c.ending = process, make(chan struct{})
	go c.report(process, c.ending)
	return nil
}

func (c *Component) await(ctx context.Context, process *proc.Process) error {
	lastError := errors.New("not asked yet")
	for {
		probe, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := c.recipe.healthy(probe, c.ports)
		cancel()
		if err == nil {
			return nil
		}
		lastError = err
		select {
		case <-process.Done():
			return fmt.Errorf("it exited with code %d", process.ExitCode())
		case <-ctx.Done():
			return fmt.Errorf("%w; last answer: %w", ctx.Err(), lastError)
		case <-time.After(probeEvery):
		}
	}
}

// report tells of an end that nobody asked for.
func (c *Component) report(process *proc.Process, ending <-chan struct{}) {
	select {
	case <-ending:
	case <-process.Done():
		select {
		case <-ending:
		default:
			fmt.Fprintf(c.log, "%s ended by itself with code %d; the end of %s:\n%s\n",
				c.name, process.ExitCode(), c.logFile, tail(c.logFile))
		}
	}
}

func newPorts(count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		var err error
		if ports[i], err = proc.FreePort(); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

func tail(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return lastLines(string(text), errorTailLines)
}
