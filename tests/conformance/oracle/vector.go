//go:build oracle

package main

import (
	"encoding/json"
	"fmt"
)

// A vector is one case: what goes into the HPA's code, and under "out" what came out of it. Times are
// milliseconds, and an age counts back from the moment of the decision.
type vector interface {
	// evaluate asks the HPA's code, fills in the answer, and names the kind of answer.
	evaluate() (outcome string)
}

var kinds = []string{"pods", "value", "stabilize", "rate", "whole"}

func parseVector(line []byte) (kind string, v vector, err error) {
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return "", nil, err
	}
	switch head.Kind {
	case "pods":
		v = &podsVector{}
	case "value":
		v = &valueVector{}
	case "stabilize":
		v = &stabilizeVector{}
	case "rate":
		v = &rateVector{}
	case "whole":
		v = &wholeVector{}
	default:
		return "", nil, fmt.Errorf("unknown kind %q", head.Kind)
	}
	return head.Kind, v, json.Unmarshal(line, v)
}

type podState struct {
	Name          string  `json:"name"`
	Phase         string  `json:"phase"`
	Deleted       bool    `json:"deleted"`
	StartAge      *int64  `json:"startAge"`
	Ready         *string `json:"ready"`
	TransitionAge int64   `json:"transitionAge"`
	RequestMilli  *int64  `json:"requestMilli,omitempty"` // absent: a container without a request
}

type podMetric struct {
	Pod    string `json:"pod"`
	Milli  int64  `json:"milli"`
	Age    int64  `json:"age"`
	Window int64  `json:"window"`
}

type tolerance struct {
	Up   float64 `json:"tolUp"`
	Down float64 `json:"tolDown"`
}

type proposal struct {
	Replicas int32 `json:"replicas"`
	Error    bool  `json:"error"`
}

type podsVector struct {
	Kind             string      `json:"kind"`
	Fn               string      `json:"fn"`                 // resource, resourceRaw, pods
	Resource         string      `json:"resource,omitempty"` // cpu, memory; absent for pods
	Current          int32       `json:"cur"`
	Target           int64       `json:"target"` // percent for resource, else milli
	tolerance                    // Up and Down
	CPUInitMs        int64       `json:"cpuInitMs"`
	ReadinessDelayMs int64       `json:"readinessDelayMs"`
	Pods             []podState  `json:"pods"`
	Metrics          []podMetric `json:"metrics"`
	Out              proposal    `json:"out"`
}

type valueVector struct {
	Kind      string     `json:"kind"`
	Fn        string     `json:"fn"` // objectValue, objectAverage, externalValue, externalAverage
	Current   int32      `json:"cur"`
	Status    int32      `json:"status"` // status.replicas
	Usages    []int64    `json:"usages"` // milli; one for an object
	Target    int64      `json:"target"` // milli
	tolerance            // Up and Down
	Pods      []podState `json:"pods"`
	Out       proposal   `json:"out"`
}

type recommendation struct {
	Age      int64 `json:"age"`
	Replicas int32 `json:"replicas"`
}

type scaleEvent struct {
	Age    int64 `json:"age"`
	Change int32 `json:"change"` // without a sign
}

type ratePolicy struct {
	Type   string `json:"type"` // Pods, Percent
	Value  int32  `json:"value"`
	Period int32  `json:"period"` // s
}

type rateRules struct {
	Select   string       `json:"select"` // Max, Min, Disabled
	Policies []ratePolicy `json:"policies"`
}

// What windows and what rates there are; without behavior only DownWindow, the controller's flag.
type windows struct {
	UpWindow   int32            `json:"upWindow"` // s
	DownWindow int32            `json:"downWindow"`
	Recs       []recommendation `json:"recs"` // oldest first
}

type rates struct {
	Up    *rateRules   `json:"up,omitempty"`
	Down  *rateRules   `json:"down,omitempty"`
	Ups   []scaleEvent `json:"ups,omitzero"`
	Downs []scaleEvent `json:"downs,omitzero"`
	Min   int32        `json:"min"`
	Max   int32        `json:"max"`
}

type limited struct {
	Replicas int32  `json:"replicas"`
	Reason   string `json:"reason"`
}

type stabilizeVector struct {
	Kind     string `json:"kind"`
	Behavior bool   `json:"behavior"`
	windows
	Current  int32   `json:"cur"`
	Proposal int32   `json:"proposal"`
	Out      limited `json:"out"`
}

type rateVector struct {
	Kind     string `json:"kind"`
	Behavior bool   `json:"behavior"`
	rates
	Current int32   `json:"cur"`
	Want    int32   `json:"want"`
	Out     limited `json:"out"`
}

type wholeVector struct {
	Kind     string `json:"kind"`
	Behavior bool   `json:"behavior"`
	windows
	rates
	Current  int32      `json:"cur"`
	Proposal int32      `json:"proposal"`
	Out      normalized `json:"out"`
}

type normalized struct {
	limited           // the reason of ScalingLimited
	Stabilized string `json:"stabilized"` // the reason of AbleToScale
}
