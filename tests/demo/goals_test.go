package main

import (
	"testing"
	"time"
)

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
