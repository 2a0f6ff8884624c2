package main

// outcome is what a scenario came to.
type outcome struct {
	comparison
	Contestants []contestant `json:"contestants"` // Evenkeel; in a contest the HPA, too
}

// contestant is one of the autoscalers; they had the same load at the same time.
type contestant struct {
	Autoscaler string `json:"autoscaler"`
	Real       score  `json:"real"`      // the mean over runs
	Simulated  score  `json:"simulated"` // the mean over seeds
}

// score is of an episode without its warm-up.
type score struct {
	BadRequests    float64 `json:"badRequests"` // share of the requests
	BadTime        float64 `json:"badTime"`     // episode.badTime
	ReplicaSeconds float64 `json:"replicaSeconds"`
	Peak           float64 `json:"peak"`    // replicas
	Changes        float64 `json:"changes"` // of the replicas asked for
}

func contestantOf(autoscaler string, real, simulated []*episode) contestant {
	return contestant{autoscaler, meanScoreOf(real), meanScoreOf(simulated)}
}

func meanScoreOf(episodes []*episode) score {
	var mean score
	for _, e := range episodes {
		one, share := scoreOf(e), 1/float64(len(episodes))
		mean.BadRequests += share * one.BadRequests
		mean.BadTime += share * one.BadTime
		mean.ReplicaSeconds += share * one.ReplicaSeconds
		mean.Peak += share * one.Peak
		mean.Changes += share * one.Changes
	}
	return mean
}

func scoreOf(e *episode) score {
	s := score{BadRequests: e.badRequests(), BadTime: e.badTime()}
	replicas := e.scoredReplicas()
	for i, now := range replicas {
		s.ReplicaSeconds += float64(now)
		s.Peak = max(s.Peak, float64(now))
		s.Changes += one(i > 0 && now != replicas[i-1])
	}
	return s
}
