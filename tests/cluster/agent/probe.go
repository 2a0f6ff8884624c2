package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"evenkeel.dev/tests/cluster/proc"
)

// probeClient asks as a kubelet does: a new connection each time, no redirect followed, any certificate.
var probeClient = &http.Client{
	Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// watchProbes runs the container's probes until ctx ends: startup first, then liveness and readiness.
func (r *runner) watchProbes(ctx context.Context, process *proc.Process) {
	kill := func(ok bool) {
		if !ok {
			process.Stop(r.agent.hurry, r.specGrace())
		}
	}
	begin := func() {
		if liveness := r.container().LivenessProbe; liveness != nil {
			go r.follow(ctx, liveness, kill)
		}
		if readiness := r.container().ReadinessProbe; readiness != nil {
			r.follow(ctx, readiness, r.setReady)
		} else {
			r.setReady(true)
		}
	}
	startup := r.container().StartupProbe
	if startup == nil {
		begin()
		return
	}
	started, cancel := context.WithCancel(ctx)
	defer cancel()
	r.follow(started, startup, func(ok bool) {
		kill(ok)
		cancel()
	})
	if ctx.Err() == nil && process.Running() {
		begin()
	}
}

// follow asks a probe periodically and tells each verdict that its thresholds allow.
func (r *runner) follow(ctx context.Context, probe *corev1.Probe, verdict func(ok bool)) {
	pause := time.Duration(probe.InitialDelaySeconds) * time.Second
	successes, failures := int32(0), int32(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = time.Duration(probe.PeriodSeconds) * time.Second
		if r.ask(ctx, probe) == nil {
			successes, failures = successes+1, 0
		} else {
			successes, failures = 0, failures+1
		}
		switch {
		case ctx.Err() != nil:
			return
		case successes >= probe.SuccessThreshold:
			verdict(true)
		case failures >= probe.FailureThreshold:
			verdict(false)
		}
	}
}

func (r *runner) ask(ctx context.Context, probe *corev1.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(probe.TimeoutSeconds)*time.Second)
	defer cancel()
	if probe.TCPSocket != nil {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp4", fmt.Sprintf("127.0.0.1:%d", r.localPort(probe.TCPSocket.Port)))
		if err == nil {
			connection.Close()
		}
		return err
	}
	get := probe.HTTPGet
	url := fmt.Sprintf("%s://127.0.0.1:%d/%s", strings.ToLower(string(get.Scheme)), r.localPort(get.Port), strings.TrimPrefix(get.Path, "/"))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	for _, header := range get.HTTPHeaders {
		request.Header.Add(header.Name, header.Value)
	}
	response, err := probeClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 399 {
		return errors.New(response.Status)
	}
	return nil
}

// localPort maps a container port, by name or number, to the port on this machine.
func (r *runner) localPort(port intstr.IntOrString) int {
	for _, declared := range r.container().Ports {
		if declared.ContainerPort == port.IntVal || (port.Type == intstr.String && declared.Name == port.StrVal) {
			return r.localPortOf(declared.ContainerPort)
		}
	}
	return port.IntValue()
}
