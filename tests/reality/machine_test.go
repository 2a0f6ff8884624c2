package main

import (
	"math"
	"testing"
)

func TestTheShareOfBusyProcessorsIsReadFromTheFirstLine(t *testing.T) {
	idle, all := parseProcessors("cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1\n")
	if idle != 850 || all != 1000 {
		t.Errorf("idle %g of %g", idle, all)
	}
}

func TestTheMachineIsAsBusyAsItWasOnAverage(t *testing.T) {
	if busy := meanBusy([]machineSample{{Busy: 0.2}, {Busy: 0.9}, {Busy: 1}}); math.Abs(busy-0.7) > 1e-9 {
		t.Error(busy)
	}
	if busy := meanBusy(nil); busy != 0 {
		t.Errorf("%g without samples", busy)
	}
}
