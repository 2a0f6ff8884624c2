package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// step is one command of a suite.
type step struct {
	name    string // for the progress lines
	command []string
	env     []string // besides the environment of the runner
	limit   time.Duration
}

const (
	reportEvery = 15 * time.Second // how often a running step says that it is alive
	stopWithin  = 20 * time.Second // from SIGTERM to SIGKILL when a step is ended
)

// run runs the step in the directory root, its output to stdout and stderr, and says on progress
// every now and then what it printed last. Past its limit, or when ctx ends, its whole process group is
// ended. Its own group keeps Ctrl-C from reaching the children before the runner can end them in order.
func (s step) run(ctx context.Context, root string, stdout, stderr *os.File, progress io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, fmt.Errorf("ended after its limit of %s", s.limit))
	defer cancel()
	cmd := exec.CommandContext(ctx, s.command[0], s.command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, stdout, stderr
	cmd.Env = append(os.Environ(), s.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := s.tick(stdout.Name(), progress)
	err := cmd.Wait()
	stop()
	if ctx.Err() != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		return errors.Join(context.Cause(ctx), err)
	}
	return err
}

// tick starts the progress lines of a running step; the function it returns ends them.
func (s step) tick(log string, progress io.Writer) (stop func()) {
	started := time.Now()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(reportEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fmt.Fprintf(progress, "%s, %s: %s\n", s.name, time.Since(started).Round(time.Second), lastLine(log))
			}
		}
	}()
	return func() { close(done); <-ended }
}

// progress marks the progress lines of a suite's steps.
type progress struct {
	suite string
	out   io.Writer
}

func (p progress) Write(line []byte) (int, error) {
	if _, err := fmt.Fprintf(p.out, "   … %s: %s", p.suite, line); err != nil {
		return 0, err
	}
	return len(line), nil
}

// politely is the step with the lowest claim on the processors, for what runs beside a suite that waits: that one's
// processes must get their turn when their time has come.
func (s step) politely() step {
	s.command = append([]string{"nice", "-n", "19"}, s.command...)
	return s
}

// goTestName finds the test in a line of `go test -json`.
var goTestName = regexp.MustCompile(`^\{.*"Test":"([^"]+)"`)

func lastLine(log string) string {
	const width = 100
	line := strings.TrimSpace(lastLines(tail(log), 1))
	if test := goTestName.FindStringSubmatch(line); test != nil {
		line = test[1]
	}
	if runes := []rune(line); len(runes) > width {
		return string(runes[:width]) + "…"
	}
	return line
}

// tail is the end of a file, enough for what a person reads of it.
func tail(name string) string {
	const size = 64 << 10
	file, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > size {
		_, _ = file.Seek(-size, io.SeekEnd)
	}
	text, _ := io.ReadAll(file)
	return string(bytes.ToValidUTF8(text, []byte("?")))
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// endsOf leaves the middle out: what failed is said at the beginning, and how it ended at the end.
func endsOf(text string, first, last int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if left := len(lines) - first - last; left > 0 {
		gap := fmt.Sprintf("… %d lines left out …", left)
		lines = slices.Concat(lines[:first], []string{gap}, lines[len(lines)-last:])
	}
	return strings.Join(lines, "\n")
}
