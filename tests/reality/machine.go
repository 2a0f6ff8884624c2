package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// machineSample tells what the databases did and how busy the machine was: a run on a machine without a processor to
// spare says nothing about the simulator.
type machineSample struct {
	At        float64                    `json:"at"`        // s since the start of the load
	Busy      float64                    `json:"busy"`      // share of the processors' time since the last look
	Databases map[string]json.RawMessage `json:"databases"` // by autoscaler
}

func meanBusy(samples []machineSample) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += s.Busy
	}
	return sum / float64(max(len(samples), 1))
}

// processorWatch reads /proc/stat.
type processorWatch struct{ idle, all float64 }

// busy is the share of all processors' time since the last call; 0 at first.
func (w *processorWatch) busy() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	idle, all := parseProcessors(string(text))
	before := *w
	w.idle, w.all = idle, all
	if before.all == 0 || all == before.all {
		return 0
	}
	return 1 - (idle-before.idle)/(all-before.all)
}

// parseProcessors sums the first line of /proc/stat; idle includes the wait for input and output.
func parseProcessors(text string) (idle, all float64) {
	line, _, _ := strings.Cut(text, "\n")
	for i, word := range strings.Fields(line) {
		var ticks float64
		if _, err := fmt.Sscan(word, &ticks); err != nil {
			continue // the name "cpu"
		}
		all += ticks
		if i == 4 || i == 5 {
			idle += ticks
		}
	}
	return idle, all
}

// statusOf is what the database says of itself; nothing where it does not answer at once.
func statusOf(ctx context.Context, url string) json.RawMessage {
	ctx, cancel := context.WithTimeout(ctx, time.Second/2)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/status", nil)
	if err != nil {
		return nil
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	var status json.RawMessage
	if json.NewDecoder(response.Body).Decode(&status) != nil {
		return nil
	}
	return status
}
