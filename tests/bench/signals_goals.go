package main

// verdict is a goal and what was measured. Goals are told and do not fail the benchmark: two of them depend on how
// many buckets the services have, and on Prometheus' version.
type verdict struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Goal  float64 `json:"goal"`
	Met   bool    `json:"met"`
}

func atMost(what string, value, goal float64) verdict {
	return verdict{what, value, goal, value <= goal}
}

func atLeast(what string, value, goal float64) verdict {
	return verdict{what, value, goal, value >= goal}
}

func (v verdict) word() string {
	if v.Met {
		return "met"
	}
	return "NOT MET"
}

// judge compares a row with the goals of its kind.
func (r *signalsRow) judge() []verdict {
	cpu := func(c minuteCost) float64 { return c.PrometheusCPU }
	most := r.Covered*2 > r.Services
	queries := atMost("queries a minute", r.Planned.Queries, 16)
	if !most {
		queries = atMost("queries a minute and started 100 policies", r.Planned.Queries/float64((r.Covered+99)/100), 16)
	}
	verdicts := []verdict{queries}
	switch {
	case r.Rules:
		verdicts = append(verdicts, atMost("CPU over per policy", cpu(r.Planned.minuteCost)/cpu(r.PerPolicy.minuteCost), 0.1))
	case !most:
		verdicts = append(verdicts, atMost("CPU over per policy", cpu(r.Planned.minuteCost)/cpu(r.PerPolicy.minuteCost), 1))
	case r.Services >= 5000:
		verdicts = append(verdicts, atMost("CPU over grouped by hand", cpu(r.Planned.minuteCost)/cpu(r.Grouped.minuteCost), 1.1))
	default:
		verdicts = append(verdicts,
			atMost("CPU over per policy, histograms", cpu(r.Planned.Histograms)/cpu(r.PerPolicy.Histograms), 0.5),
			atMost("CPU over per policy, counters and gauges", cpu(r.Planned.Others)/cpu(r.PerPolicy.Others), 0.1))
	}
	return append(verdicts, atLeast("MB/s parsed", r.Parse, 100))
}
