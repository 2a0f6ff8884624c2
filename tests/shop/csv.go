package shop

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
)

// WriteRequests leaves the raw data of the load: one row for each request.
func WriteRequests(path string, requests []Request) error {
	rows := [][]string{{"sent_seconds", "latency_seconds", "failure"}}
	for _, r := range requests {
		rows = append(rows, []string{
			strconv.FormatFloat(r.Sent.Seconds(), 'f', 4, 64), strconv.FormatFloat(r.Latency.Seconds(), 'f', 4, 64), r.Failure,
		})
	}
	return WriteRows(path, rows)
}

// WriteRows leaves a file of comma-separated values.
func WriteRows(path string, rows [][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the data: %w", err)
	}
	defer file.Close()
	if err := csv.NewWriter(file).WriteAll(rows); err != nil {
		return fmt.Errorf("writing the data: %w", err)
	}
	return nil
}
