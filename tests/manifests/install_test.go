package manifests

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

func TestInstallFileIsWhatKustomizeMakesOfTheBase(t *testing.T) {
	committed, err := os.ReadFile(install)
	if err != nil {
		t.Fatal(err)
	}
	if mustKubectl(t, "kustomize", root+"/deploy/base") != string(committed) {
		t.Error("deploy/install.yaml is out of date: kubectl kustomize deploy/base > deploy/install.yaml")
	}
}

func TestInstallFileAppliesToARunningInstallationWithoutChange(t *testing.T) {
	out := mustKubectl(t, "apply", "--dry-run=server", "-f", install)
	for line := range strings.Lines(out) {
		if !strings.HasSuffix(strings.TrimSpace(line), " unchanged (server dry run)") {
			t.Errorf("applied a second time: %s", line)
		}
	}
	if strings.Count(out, "\n") < 10 {
		t.Errorf("only these were applied:\n%s", out)
	}
}

func TestControllerPodIsAdmittedUnderPodSecurityRestricted(t *testing.T) {
	template := controllerDeployment(t).Spec.Template
	pod := func(change func(*corev1.PodSpec)) error {
		spec := template.Spec.DeepCopy()
		change(spec)
		_, err := client.CoreV1().Pods(namespace).Create(t.Context(), &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "probe", Labels: template.Labels}, Spec: *spec,
		}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	if err := pod(func(*corev1.PodSpec) {}); err != nil {
		t.Errorf("the controller's pod is refused: %v", err)
	}
	// Were this one admitted too, nothing would be enforced.
	err := pod(func(spec *corev1.PodSpec) { spec.SecurityContext.RunAsNonRoot = nil })
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `violates PodSecurity "restricted:latest": runAsNonRoot`) {
		t.Errorf("a pod that may run as root is not refused for that: %v", err)
	}
}

func TestDeploymentMakesExactlyOnePod(t *testing.T) {
	deployment := controllerDeployment(t)
	if *deployment.Spec.Replicas != 1 || deployment.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Errorf("%d replicas by %s would be two controllers at a time", *deployment.Spec.Replicas, deployment.Spec.Strategy.Type)
	}
	selector := metav1.FormatLabelSelector(deployment.Spec.Selector)
	var pods *corev1.PodList
	created := func(ctx context.Context) (done bool, err error) {
		pods, err = client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
		return err == nil && len(pods.Items) > 0, err
	}
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 30*time.Second, true, created)
	if err != nil || len(pods.Items) != 1 {
		t.Errorf("there are not 1 but %d pods of the controller (%v)", len(pods.Items), err)
	}
}

func TestServiceSelectsTheControllersPodAndPort(t *testing.T) {
	service, err := client.CoreV1().Services(namespace).Get(t.Context(), "evenkeel-controller", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	template := controllerDeployment(t).Spec.Template
	for name, value := range service.Spec.Selector {
		if template.Labels[name] != value {
			t.Errorf("the service selects %s=%s; the pod has %q", name, value, template.Labels[name])
		}
	}
	if got, want := service.Spec.Ports[0].TargetPort.String(), template.Spec.Containers[0].Ports[0].Name; got != want {
		t.Errorf("the service sends to port %s; the pod's is %s", got, want)
	}
}

func controllerDeployment(t *testing.T) *appsv1.Deployment {
	t.Helper()
	deployment, err := client.AppsV1().Deployments(namespace).Get(t.Context(), "evenkeel-controller", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return deployment
}
