package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAddressIsTheOneInTheLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	for text, expected := range map[string]string{
		"":         "",
		"starting": "",
		"warning\nlistening on http://127.0.0.1:8080\n": "http://127.0.0.1:8080",
	} {
		if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if url, err := listeningURL(log); url != expected || err != nil {
			t.Errorf("%q: %q, %v", text, url, err)
		}
	}
}

func TestEpisodesAreReadAsTheyAreWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := writeLines(path, []*episode{synthetic(0.1, 3), synthetic(0.2, 4)}); err != nil {
		t.Fatal(err)
	}
	episodes, err := readEpisodes(path)
	if err != nil || len(episodes) != 2 || episodes[1].Seconds.Replicas[1] != 4 || episodes[0].badTime() != synthetic(0.1, 3).badTime() {
		t.Errorf("%d episodes, %v", len(episodes), err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readEpisodes(path); err == nil || !strings.Contains(err.Error(), "no episode") {
		t.Error(err)
	}
}

func TestThePictureIsDrawnAlsoOfEmptyWindows(t *testing.T) {
	s, err := readScenario("scenarios/badpod.json")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := synthetic(0.1, 3, 4, 5), synthetic(0.1, 3, 4, 5)
	ours.Policy, theirs.Policy = evenkeel, rival
	ours.Windows, theirs.Windows = windowsOf(nil, s), windowsOf(nil, s)
	always := []string{"<svg", "badpod", "objective 500ms", "Evenkeel, simulated", ">Evenkeel<", "</svg>"}
	ofRival := []string{">HPA<", "HPA, failed"}
	for _, real := range []played{{{ours}}, {{ours, ours}, {theirs, theirs}}} {
		path := filepath.Join(t.TempDir(), "x.svg")
		if err := writePicture(path, s, real, []*episode{synthetic(0.1, 3, 4, 4), ours}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range always {
			if !strings.Contains(string(text), word) {
				t.Errorf("%q is not in the picture", word)
			}
		}
		for _, word := range ofRival {
			if strings.Contains(string(text), word) != (len(real) == 2) {
				t.Errorf("%q is wrongly there or not, with %d played", word, len(real))
			}
		}
	}
}
