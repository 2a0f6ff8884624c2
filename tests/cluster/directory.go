package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lockName is in every cluster's directory, and locked as long as the cluster runs.
const lockName = "cluster.lock"

// BaseDir is where clusters have their directory unless told otherwise.
func BaseDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return dir
	}
	return os.TempDir()
}

// claimDir makes dir ready for a new cluster, or makes a temporary one where dir is empty.
func claimDir(dir string) (absolute string, temporary bool, err error) {
	if dir == "" {
		dir, err = os.MkdirTemp(BaseDir(), "evenkeel-cluster-")
		return dir, true, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", false, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", false, fmt.Errorf("making the cluster's directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", false, fmt.Errorf("reading the cluster's directory: %w", err)
	}
	if len(entries) == 0 {
		return dir, false, nil
	}
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		return "", false, fmt.Errorf("%s is neither empty nor the directory of an ended cluster", dir)
	}
	unlock, err := lockDir(dir)
	if err != nil {
		return "", false, err
	}
	defer unlock()
	for _, entry := range entries {
		if entry.Name() == lockName {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return "", false, fmt.Errorf("clearing the ended cluster: %w", err)
		}
	}
	return dir, false, nil
}

// lockDir marks a cluster as running; the mark goes with the process.
func lockDir(dir string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	unlock, err = lockFile(ctx, filepath.Join(dir, lockName), nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("a cluster is running in %s", dir)
	}
	return unlock, err
}

// Running tells whether a cluster runs in dir, in whatever process.
func Running(dir string) (bool, error) {
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		return false, fmt.Errorf("%s is not the directory of a cluster: %w", dir, err)
	}
	unlock, err := lockDir(dir)
	if err != nil {
		return true, nil
	}
	unlock()
	return false, nil
}
