package proc

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const spinners = 16

// TestMain: the test binary is also a program that counts on many threads, for the tests to pause.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "count" {
		count(os.Args[2])
	}
	os.Exit(m.Run())
}

// count adds to counters in a shared file until it is killed.
func count(file string) {
	counters := shared(file)
	for i := range counters {
		go func() {
			runtime.LockOSThread()
			for {
				counters[i].Add(1)
			}
		}()
	}
	select {}
}

func shared(file string) *[spinners]atomic.Uint64 {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var counters *[spinners]atomic.Uint64
	size := int(unsafe.Sizeof(*counters))
	if err := f.Truncate(int64(size)); err != nil {
		panic(err)
	}
	memory, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*[spinners]atomic.Uint64)(unsafe.Pointer(&memory[0]))
}

func TestAPausedProcessRunsNoInstructionUntilItIsResumed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "counters")
	counters := shared(file)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	process := start(t, os.Args[0], "count", file)
	for range 50 {
		awaitMore(ctx, t, counters, sum(counters))
		if err := process.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		paused := sum(counters)
		time.Sleep(5 * time.Millisecond) // in which it would count
		if now := sum(counters); now != paused {
			t.Fatalf("it counted from %d to %d after Pause", paused, now)
		}
		process.Resume()
	}
}

func TestPausingAProcessThatHasEndedIsAnError(t *testing.T) {
	process := start(t, "true")
	<-process.Done()
	if err := process.Pause(t.Context()); err == nil {
		t.Error("no error")
	}
}

func start(t *testing.T, words ...string) *Process {
	t.Helper()
	process, err := Start(exec.Command(words[0], words[1:]...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.SignalGroup(unix.SIGKILL)
		<-process.Done()
	})
	return process
}

func sum(counters *[spinners]atomic.Uint64) (total uint64) {
	for i := range counters {
		total += counters[i].Load()
	}
	return total
}

func awaitMore(ctx context.Context, t *testing.T, counters *[spinners]atomic.Uint64, than uint64) {
	t.Helper()
	for sum(counters) == than {
		if ctx.Err() != nil {
			t.Fatal("it does not count")
		}
		time.Sleep(time.Millisecond)
	}
}
