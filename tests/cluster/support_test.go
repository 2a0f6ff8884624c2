package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"evenkeel.dev/tests/cluster"
)

const patience = 2 * time.Minute

var (
	shared       *cluster.Cluster
	sharedClient *kubernetes.Clientset
)

// TestMain starts the cluster that most tests share. The test binary is also two other programs: the
// image "probe", and an owner of a cluster that a test can kill.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "probe" {
		serveProbe()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute) // the first start builds
	defer cancel()
	if len(os.Args) > 2 && os.Args[1] == "own" {
		ownCluster(ctx, os.Args[2])
		return
	}
	os.Exit(runShared(ctx, m))
}

func runShared(ctx context.Context, m *testing.M) int {
	var err error
	if shared, err = cluster.Start(ctx, options("")); err == nil {
		defer shared.Stop()
		sharedClient, err = shared.Client()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func options(dir string) cluster.Options {
	return cluster.Options{Dir: dir, ScrapeInterval: time.Second, Log: os.Stderr,
		Images: map[string][]string{"probe": {executable(), "probe"}}}
}

func executable() string {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return self
}

// ownCluster runs a cluster until it is killed.
func ownCluster(ctx context.Context, dir string) {
	if _, err := cluster.Start(ctx, options(dir)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// serveProbe answers with the name of its pod, after ?wait, until SIGTERM; it finishes what it has begun, and says
// in its log when a request with ?wait still comes afterwards.
func serveProbe() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wait, _ := time.ParseDuration(r.URL.Query().Get("wait"))
		if wait > 0 && ctx.Err() != nil {
			fmt.Println("late request")
		}
		time.Sleep(wait)
		fmt.Fprintf(w, "probe_pod{name=%q} 1\n", os.Getenv("POD_NAME"))
	})
	mux.HandleFunc("/environment", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, strings.Join(os.Environ(), "\n")) })
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux}
	go func() { fmt.Println(server.ListenAndServe()) }()
	<-ctx.Done()
	time.Sleep(500 * time.Millisecond) // open to late requests
	_ = server.Shutdown(context.Background())
}

// deploy makes a Deployment of the image "probe" behind a LoadBalancer Service, both of that name, and
// returns the service's URL when all replicas are ready.
func deploy(t *testing.T, client kubernetes.Interface, name string, replicas int32) string {
	t.Helper()
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{"app.kubernetes.io/name": name}}
	port := intstr.FromString("http")
	container := corev1.Container{
		Name: "app", Image: "registry.example/team/probe:v1",
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
		Env: []corev1.EnvVar{
			{Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
			{Name: "EXPANDED", Value: "$(POD_NAME) $(NOWHERE) $$(PORT)"},
		},
		ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: port}}},
	}
	deployment := &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{
		Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: meta.Labels},
		Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: meta.Labels, Annotations: map[string]string{
				"prometheus.io/scrape": "true", "prometheus.io/port": "8080", "prometheus.io/path": "/"}},
			Spec: corev1.PodSpec{Containers: []corev1.Container{container}},
		},
	}}
	service := &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeLoadBalancer, Selector: meta.Labels, Ports: []corev1.ServicePort{{Port: 80, TargetPort: port}}}}
	_, err := client.AppsV1().Deployments("default").Create(t.Context(), deployment, metav1.CreateOptions{})
	must(t, err)
	_, err = client.CoreV1().Services("default").Create(t.Context(), service, metav1.CreateOptions{})
	must(t, err)
	awaitReady(t, client, name, replicas)
	return awaitAddress(t, client, name)
}

func awaitReady(t *testing.T, client kubernetes.Interface, name string, replicas int32) {
	t.Helper()
	await(t, fmt.Sprintf("%d ready replicas of %s", replicas, name), func() error {
		d, err := client.AppsV1().Deployments("default").Get(t.Context(), name, metav1.GetOptions{})
		if err == nil && (d.Status.ReadyReplicas != replicas || d.Status.Replicas != replicas) {
			err = fmt.Errorf("status is %+v", d.Status)
		}
		return err
	})
}

func awaitAddress(t *testing.T, client kubernetes.Interface, name string) (url string) {
	t.Helper()
	await(t, "an address of service "+name, func() error {
		service, err := client.CoreV1().Services("default").Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		ingress := service.Status.LoadBalancer.Ingress
		if len(ingress) != 1 || len(ingress[0].Ports) != 1 {
			return fmt.Errorf("ingress is %v", ingress)
		}
		url = fmt.Sprintf("http://%s:%d", ingress[0].IP, ingress[0].Ports[0].Port)
		return nil
	})
	return url
}

func scale(t *testing.T, client kubernetes.Interface, name string, replicas int) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	_, err := client.AppsV1().Deployments("default").Patch(t.Context(), name, "application/merge-patch+json", patch, metav1.PatchOptions{}, "scale")
	must(t, err)
}

func pods(t *testing.T, client kubernetes.Interface, name string) []corev1.Pod {
	t.Helper()
	list, err := client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=" + name})
	must(t, err)
	return list.Items
}

func podPid(t *testing.T, c *cluster.Cluster, pod string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.PodDir("default", pod), "pid"))
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	return pid
}

func get(url string) (string, error) {
	client := http.Client{Timeout: patience}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %s", url, response.Status, body)
	}
	return string(body), err
}

func await(t *testing.T, what string, condition func() error) {
	t.Helper()
	err := errors.New("not asked")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = condition(); err == nil {
			return
		}
	}
	t.Fatalf("no %s within %s: %v", what, patience, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// children are the processes that pid has started and that have not ended.
func children(t *testing.T, pid int) []int {
	t.Helper()
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(pid)).Output()
	var none *exec.ExitError
	if err != nil && !errors.As(err, &none) {
		t.Fatal(err)
	}
	var pids []int
	for _, word := range strings.Fields(string(out)) {
		child, err := strconv.Atoi(word)
		must(t, err)
		pids = append(pids, child)
	}
	return pids
}

// alive tells whether the process exists and is no zombie.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	return err == nil && !strings.HasPrefix(rest, "Z")
}

// whoAmI asks the shared cluster who the holder of the token is.
func whoAmI(t *testing.T, token string) error {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", shared.Kubeconfig)
	must(t, err)
	config = rest.AnonymousClientConfig(config)
	config.BearerToken = token
	client, err := kubernetes.NewForConfig(config)
	must(t, err)
	_, err = client.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	return err
}
