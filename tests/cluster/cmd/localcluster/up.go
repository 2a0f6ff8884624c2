package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"evenkeel.dev/tests/cluster"
)

const (
	readyDeadline = 6 * time.Minute
	endDeadline   = 30 * time.Second
)

// up fetches and builds what is missing, starts "serve" as a process of its own, and waits until that has printed the
// cluster's environment.
func up(ctx context.Context, args arguments) error {
	if err := cluster.Prepare(ctx, os.Stderr); err != nil {
		return err
	}
	var err error
	if args.temporary = args.dir == ""; args.temporary {
		args.dir, err = os.MkdirTemp(cluster.BaseDir(), "evenkeel-cluster-")
	} else {
		args.dir, err = filepath.Abs(args.dir)
	}
	if err != nil {
		return fmt.Errorf("choosing the cluster's directory: %w", err)
	}
	cmd, output, err := serveCommand(args)
	if err != nil {
		return err
	}
	environment := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(output)
		environment <- text
	}()
	ctx, cancel := context.WithTimeout(ctx, readyDeadline)
	defer cancel()
	select {
	case text := <-environment:
		if bytes.Contains(text, []byte("export ")) {
			_, err := os.Stdout.Write(text)
			return err
		}
		_ = cmd.Wait()
		return errors.New(readLog(args.dir))
	case <-ctx.Done():
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-environment
		_ = cmd.Wait()
		return fmt.Errorf("%w before the cluster was ready\n%s", ctx.Err(), readLog(args.dir))
	}
}

// serveCommand starts the process that will own the cluster, detached, so that a closed terminal or
// its Ctrl-C do not reach it.
func serveCommand(args arguments) (*exec.Cmd, io.Reader, error) {
	words := []string{"serve", "--dir", args.dir, "--scrape-interval", args.interval.String()}
	if args.temporary {
		words = append(words, "--temporary")
	}
	if args.owner != 0 {
		words = append(words, "--owner", strconv.Itoa(args.owner))
	}
	for name, command := range args.images {
		words = append(words, "--image", name+"="+strings.Join(command, " "))
	}
	log, err := os.Create(logFile(args.dir))
	if err != nil {
		return nil, nil, fmt.Errorf("opening the cluster's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command("/proc/self/exe", words...) // a build may have replaced the file meanwhile
	cmd.Args[0] = "localcluster"
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("starting the cluster's process: %w", err)
	}
	return cmd, output, nil
}

// logFile is beside the directory: the cluster clears that when it starts.
func logFile(dir string) string { return strings.TrimRight(dir, "/") + ".log" }

func readLog(dir string) string {
	text, err := os.ReadFile(logFile(dir))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// down ends the process that serves the cluster, by force if need be: its children end with it.
func down(ctx context.Context, args arguments) error {
	s, err := readState(args.dir)
	if err != nil {
		return err
	}
	if err := end(ctx, args.dir, s.Pid); err != nil {
		return err
	}
	if s.Temporary {
		return errors.Join(os.RemoveAll(args.dir), os.Remove(logFile(args.dir)))
	}
	return nil
}

// end does nothing to a cluster that has ended already: its process id may be another's by now.
func end(ctx context.Context, dir string, pid int) error {
	if running, err := cluster.Running(dir); err != nil || !running {
		return err
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("sending %s to process %d: %w", sig, pid, err)
		}
		for deadline := time.Now().Add(endDeadline); time.Now().Before(deadline) && ctx.Err() == nil; {
			if running, err := cluster.Running(dir); err != nil || !running {
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return fmt.Errorf("the cluster in %s did not end", dir)
}

func component(ctx context.Context, args arguments) error {
	if len(args.rest) != 2 {
		fmt.Fprint(os.Stderr, usage)
		return errors.New("component: give an action and a name")
	}
	return ask(ctx, args.dir, args.rest[0], args.rest[1])
}

// program prints where programs of tests/servers are.
func program(ctx context.Context, args arguments) error {
	for _, name := range args.rest {
		path, err := cluster.Server(ctx, name, os.Stderr)
		if err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}

// quote makes a word that any shell reads back unchanged.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
