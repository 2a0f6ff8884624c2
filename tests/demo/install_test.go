package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheAddressOfABalancerIsItsOwnPortOrTheServices(t *testing.T) {
	for _, c := range []struct{ service, address string }{
		{`{"spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {}}}`, ""},
		{`{"spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1", "ports": [{"port": 40123}]}]}}}`, "127.0.0.1:40123"},
		{`{"spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}}`, "lb.example:80"},
	} {
		if address, err := parseAddress(strings.NewReader(c.service)); address != c.address || err != nil {
			t.Errorf("%s: %q, %v", c.service, address, err)
		}
	}
}

func TestWhatThePolicyPromisesIsReadFromIt(t *testing.T) {
	read, err := parseGoals(`{"spec": {"minReplicas": 2, "objectives": {"latencyP99": "250ms", "eventLoopLagP99": "0.1s"}}}`)
	if expected := (goals{250 * time.Millisecond, 100 * time.Millisecond, 2}); read != expected || err != nil {
		t.Errorf("%+v, %v", read, err)
	}
	if _, err := parseGoals(`{"spec": {"minReplicas": 2, "objectives": {"latencyP99": "250ms"}}}`); err == nil {
		t.Error("a policy without an objective of the event loop's lag was taken")
	}
}

func TestTheWholeDemoFitsIntoItsTime(t *testing.T) {
	root, err := repositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	o, err := parseOptions(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	if length := o.warmUp + o.spike + o.settle; length > 5*time.Minute {
		t.Errorf("the load takes %s; with start and end the demo must stay below 6 minutes", length)
	}
}
