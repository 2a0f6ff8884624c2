package cluster

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Prepare builds and fetches the programs that Start would otherwise build and fetch.
func Prepare(ctx context.Context, log io.Writer) error {
	_, err := findPrograms(ctx, log)
	return err
}

// programs of the cluster that are not this repository's.
type programs struct {
	controlPlane string // directory
	prometheus   string
	caddy        string
}

func findPrograms(ctx context.Context, log io.Writer) (p programs, err error) {
	if p.controlPlane, err = ensureControlPlane(ctx, log); err != nil {
		return p, err
	}
	if p.prometheus, err = ensureDebian(ctx, "prometheus", log); err != nil {
		return p, err
	}
	p.caddy, err = ensureDebian(ctx, "caddy", log)
	return p, err
}

// controlPlane names the programs of the control plane and the main packages, tools of tests/go.mod,
// that they are built from.
var controlPlane = []struct{ name, pkg string }{
	{"etcd", "go.etcd.io/etcd/server/v3"},
	{"kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"},
	{"kubectl", "k8s.io/kubernetes/cmd/kubectl"},
	{"kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"},
}

// ensureControlPlane returns a directory with every program of controlPlane. It is KUBEBUILDER_ASSETS
// where that is set and complete; else one in the cache, which is built first if need be.
func ensureControlPlane(ctx context.Context, log io.Writer) (string, error) {
	given := os.Getenv("KUBEBUILDER_ASSETS")
	missing, err := missingFrom(given)
	if err != nil || (given != "" && len(missing) == 0) {
		return given, err
	}
	versions, err := moduleVersions(ctx)
	if err != nil {
		return "", err
	}
	key := fmt.Sprintf("kubernetes-%s-etcd-%s-%s", versions.kubernetes, versions.etcd, runtime.GOARCH)
	if given != "" {
		fmt.Fprintf(log, "KUBEBUILDER_ASSETS=%s has no %s: building that from tests/go.mod\n", given, missing[0])
		key += fmt.Sprintf("-%x", sha256.Sum256([]byte(given)))[:13]
	}
	return cachedDir(ctx, key, log, func(dir string) error {
		for _, program := range controlPlane {
			if given != "" && !slices.Contains(missing, program.name) {
				if err := os.Symlink(filepath.Join(given, program.name), filepath.Join(dir, program.name)); err != nil {
					return err
				}
				continue
			}
			if err := build(ctx, log, dir, program.name, program.pkg, versions.kubernetes); err != nil {
				return err
			}
		}
		return nil
	})
}

// missingFrom lists the programs that are not in dir. Only kube-controller-manager may be: envtest's
// own bundles lack it.
func missingFrom(dir string) ([]string, error) {
	var missing []string
	for _, program := range controlPlane {
		info, err := os.Stat(filepath.Join(dir, program.name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			missing = append(missing, program.name)
		}
	}
	if dir == "" || len(missing) == 0 || slices.Equal(missing, []string{"kube-controller-manager"}) {
		return missing, nil
	}
	return nil, fmt.Errorf("KUBEBUILDER_ASSETS=%s has no executable %s; it must hold kube-apiserver, etcd and kubectl, "+
		"or be unset to have them built", dir, strings.Join(missing, ", "))
}

type versions struct{ kubernetes, etcd string }

func moduleVersions(ctx context.Context) (versions, error) {
	cmd := goCommand(ctx, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes", "go.etcd.io/etcd/server/v3")
	out, err := cmd.Output()
	fields := strings.Fields(string(out))
	if err != nil || len(fields) != 2 {
		return versions{}, fmt.Errorf("asking go for the versions in tests/go.mod: %w: %s", err, stderrOf(err))
	}
	return versions{kubernetes: fields[0], etcd: fields[1]}, nil
}

func stderrOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return strings.TrimSpace(string(exit.Stderr))
	}
	return ""
}

// goCommand is the go tool, run in the module of tests/go.mod.
func goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(root(), "tests", "cluster", "go"), args...)
	cmd.Dir = filepath.Join(root(), "tests")
	return cmd
}

func build(ctx context.Context, log io.Writer, dir, name, pkg, version string) error {
	fmt.Fprintf(log, "building %s (minutes the first time, cached afterwards)\n", name)
	started := time.Now()
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	ldflags := fmt.Sprintf("-s -w -X k8s.io/component-base/version.gitVersion=%s"+
		" -X k8s.io/component-base/version.gitMajor=%s -X k8s.io/component-base/version.gitMinor=%s"+
		" -X k8s.io/component-base/version.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion=%[1]s",
		version, numbers[0], numbers[1])
	cmd := goCommand(ctx, "build", "-ldflags", ldflags, "-o", filepath.Join(dir, name), pkg)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s from %s: %w\n%s", name, pkg, err, lastLines(string(out), 20))
	}
	fmt.Fprintf(log, "built %s in %s\n", name, time.Since(started).Round(time.Second))
	return nil
}

// cacheRoot is where built and fetched programs live across runs.
func cacheRoot() (string, error) {
	base, err := os.UserCacheDir() // honours XDG_CACHE_HOME
	if err != nil {
		return "", fmt.Errorf("finding the cache directory: %w", err)
	}
	return filepath.Join(base, "evenkeel"), nil
}

// cachedDir returns the directory key of the cache, filled by fill if it is not there. The directory
// appears complete or not at all; of several callers at once, also in other processes, one fills it.
func cachedDir(ctx context.Context, key string, log io.Writer, fill func(dir string) error) (string, error) {
	cache, err := cacheRoot()
	if err != nil {
		return "", err
	}
	final := filepath.Join(cache, key)
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("making the cache: %w", err)
	}
	unlock, err := lockFile(ctx, final+".lock", func() {
		fmt.Fprintf(log, "waiting for another process that fills %s\n", final)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(final); err == nil {
		return final, nil
	}
	partial := final + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return "", fmt.Errorf("clearing an unfinished part of the cache: %w", err)
	}
	if err := os.Mkdir(partial, 0o755); err != nil {
		return "", fmt.Errorf("making %s: %w", partial, err)
	}
	if err := fill(partial); err != nil {
		return "", err
	}
	return final, os.Rename(partial, final)
}

// lockFile takes an exclusive flock, which the kernel gives back when its holder dies.
func lockFile(ctx context.Context, name string, onWait func()) (unlock func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening a lock: %w", err)
	}
	for waited := false; ; waited = true {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, fmt.Errorf("locking %s: %w", name, err)
		}
		if !waited && onWait != nil {
			onWait()
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, fmt.Errorf("waiting for the lock %s: %w", name, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Debian returns the path of a program of Debian's package of the same name, for a test that runs one of its own.
func Debian(ctx context.Context, name string, log io.Writer) (string, error) {
	return ensureDebian(ctx, name, log)
}

// ensureDebian returns the path of a program of Debian's package of the same name: the installed one,
// or one unpacked into the cache, which, unlike an installation, starts no service.
func ensureDebian(ctx context.Context, name string, log io.Writer) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	dir, err := cachedDir(ctx, "debian-"+name, log, func(dir string) error {
		fmt.Fprintf(log, "fetching Debian's %s\n", name)
		download := "apt-get -o DPkg::Lock::Timeout=300 download %[1]s || " +
			"{ apt-get -o DPkg::Lock::Timeout=300 update && apt-get -o DPkg::Lock::Timeout=300 download %[1]s; }"
		cmd := exec.CommandContext(ctx, "sh", "-c", fmt.Sprintf("{ "+download+"; } && dpkg -x %[1]s_*.deb . && rm %[1]s_*.deb", name))
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("fetching Debian's %s (install the package %[1]s to go without): %w\n%s", name, err, lastLines(string(out), 10))
		}
		return nil
	})
	return filepath.Join(dir, "usr/bin", name), err
}

// root is the top of the repository: EVENKEEL_ROOT, else found upwards of the working directory.
func root() string {
	if dir := os.Getenv("EVENKEEL_ROOT"); dir != "" {
		return dir
	}
	start, err := os.Getwd()
	if err != nil {
		return "."
	}
	for dir := start; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "tests", "go.mod")); err == nil {
			return dir
		}
	}
	return start
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
