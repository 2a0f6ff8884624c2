// Command localcluster starts, ends and disturbs local clusters (package cluster) from the shell. The
// scripts up, down and component in tests/cluster run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const usage = `usage:
  up [--dir D] [--owner PID] [--scrape-interval 5s] [--image NAME=COMMAND]...
      starts a cluster and prints its environment for eval, e.g. eval "$(tests/cluster/up)"; it ends with
      "down", or with the process PID
  down [--dir D]
      ends the cluster in D, by default $EVENKEEL_CLUSTER_DIR
  component [--dir D] stop|start|pause|resume NAME
      NAME is etcd, kube-apiserver, kube-controller-manager, prometheus or caddy
  component [--dir D] rotate service-account-key
      makes all service account tokens invalid and gives pods new ones
  program NAME...
      prints the path of each program, which is built first if need be; NAME is prometheus (3.x) or
      victoriametrics (tests/servers)
`

type arguments struct {
	dir       string
	temporary bool // made by up
	owner     int
	interval  time.Duration
	images    map[string][]string
	rest      []string
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "localcluster:", err)
		cancel()
		os.Exit(1)
	}
}

func run(ctx context.Context, words []string) error {
	commands := map[string]func(context.Context, arguments) error{
		"up": up, "serve": serve, "down": down, "component": component, "program": program,
	}
	if len(words) > 0 {
		if command, ok := commands[words[0]]; ok {
			args, err := parse(words[0], words[1:])
			if err != nil {
				return err
			}
			return command(ctx, args)
		}
	}
	fmt.Fprint(os.Stderr, usage)
	return errors.New("the first argument must be up, down, component or program")
}

func parse(command string, words []string) (arguments, error) {
	args := arguments{images: map[string][]string{}}
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&args.dir, "dir", "", "")
	if command == "up" || command == "serve" {
		flags.BoolVar(&args.temporary, "temporary", false, "")
		flags.IntVar(&args.owner, "owner", 0, "")
		flags.DurationVar(&args.interval, "scrape-interval", 5*time.Second, "")
		flags.Func("image", "", func(value string) error {
			name, command, _ := strings.Cut(value, "=")
			if args.images[name] = strings.Fields(command); len(args.images[name]) == 0 {
				return errors.New("it must be NAME=COMMAND")
			}
			return nil
		})
	}
	if err := flags.Parse(words); err != nil {
		fmt.Fprint(os.Stderr, usage)
		return args, fmt.Errorf("%s: %w", command, err)
	}
	args.rest = flags.Args()
	if takesNames := command == "component" || command == "program"; !takesNames && len(args.rest) > 0 {
		return args, fmt.Errorf("%s: unexpected argument %q", command, args.rest[0])
	}
	if args.dir == "" && command != "up" && command != "program" {
		if args.dir = os.Getenv("EVENKEEL_CLUSTER_DIR"); args.dir == "" {
			return args, fmt.Errorf("%s: give --dir, or set EVENKEEL_CLUSTER_DIR as up prints it", command)
		}
	}
	return args, nil
}
