package shop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Kubectl runs the program of that name against one cluster. All that is done to the cluster is done by
// kubectl, as its reader would.
type Kubectl struct {
	Program    string
	Kubeconfig string
}

const kubectlDeadline = 90 * time.Second

// Run returns the standard output; an error carries what kubectl said.
func (k Kubectl) Run(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, kubectlDeadline)
	defer cancel()
	command := k.command(ctx, args...)
	var out, complaint bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = stdin, &out, &complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return out.String(), nil
}

// Lines calls onLine for each line of output until kubectl ends or ctx does.
func (k Kubectl) Lines(ctx context.Context, onLine func(string), args ...string) error {
	command := k.command(ctx, args...)
	out, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		onLine(scanner.Text())
	}
	if err := command.Wait(); err != nil {
		return fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	return nil
}

func (k Kubectl) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, k.Program, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+k.Kubeconfig)
	// A Ctrl-C at the terminal must not end the kubectl that cleans up after it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.WaitDelay = time.Second
	return command
}

// Eventually polls until condition says true, an error, or the deadline.
func Eventually(ctx context.Context, what string, deadline time.Duration, condition func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, fmt.Errorf("%s: not within %s", what, deadline))
	defer cancel()
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		if done, err := condition(ctx); done || (err != nil && ctx.Err() == nil) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}
