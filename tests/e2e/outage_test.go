package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"evenkeel.dev/tests/cluster"
)

// component is a part of the cluster, which runs again after the test in any case.
func component(t *testing.T, name string) *cluster.Component {
	t.Helper()
	part, err := local.Component(name)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = part.Resume(ctx)
		if err := part.Start(ctx); err != nil {
			t.Error(err)
		}
	})
	return part
}

func TestReplicasStayWhilePrometheusIsGone(t *testing.T) {
	s, users := busyShop(t, "blind")
	prometheus := component(t, "prometheus")

	must(t, prometheus.Pause(t.Context()))
	s.checkBlind("deadline")
	must(t, prometheus.Resume(t.Context()))
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	s.awaitEvent("SignalsRecovered", "")

	must(t, prometheus.Stop(t.Context()))
	s.checkBlind("refused")
	users.stop() // which nobody can see now
	s.staysAt(4, 4)
	must(t, prometheus.Start(t.Context()))
	s.awaitCondition("SignalsHealthy", "True", "AllSignalsKnown")
	s.awaitReplicas(2)
}

// checkBlind waits until the policy says that it sees nothing and why, and then that nothing is done about it.
func (s *shop) checkBlind(why string) {
	s.t.Helper()
	s.awaitStatus("blindness because of: "+why, patiently, func(now status) error {
		healthy := meta.FindStatusCondition(now.Conditions, "SignalsHealthy")
		if healthy == nil || healthy.Status != "False" || healthy.Reason != "SignalMissing" || now.LastDecision.Reason != "SignalMissing" {
			return fmt.Errorf("%s, and %+v", now.LastDecision.Reason, healthy)
		}
		for _, words := range []string{"latencyP99 is Failed", "errorRate is Failed", why} {
			if !strings.Contains(healthy.Message, words) {
				return fmt.Errorf("it does not say %q: %s", words, healthy.Message)
			}
		}
		return nil
	})
	s.awaitCondition("ScalingActive", "False", "SignalMissing")
	for _, d := range s.staysAt(4, 4) {
		if d.reason != "SignalMissing" || d.to != 4 {
			s.t.Errorf("blind, and yet decided: %s", d.line)
		}
	}
}

func TestControllerGoesOnAfterTheAPIServerWasStopped(t *testing.T) {
	s := newShop(t, "headless")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("Ready", "True", "Ready")
	pid := controllerPid(t)
	failures, err := controller.metric(t.Context(), "evenkeel_watch_failures_total")
	if err != nil { // none so far
		failures = 0
	}
	apiserver := component(t, "kube-apiserver")
	must(t, apiserver.Stop(t.Context()))
	await(t, "broken watches", soon, func() error {
		now, err := controller.metric(t.Context(), "evenkeel_watch_failures_total")
		if err == nil && now < failures+4 {
			err = fmt.Errorf("%g watch failures", now-failures)
		}
		return err
	})
	must(t, controller.answers(t.Context(), "/healthz")) // nobody shall restart it for this
	must(t, apiserver.Start(t.Context()))
	s.bound(3)
	s.awaitReplicas(3)
	controller.newRefusals() // an API server that has not read its roles yet refuses everybody
	controller.same(t, pid)
}

func TestControllerGoesOnWithARotatedToken(t *testing.T) {
	s := newShop(t, "rotated")
	s.open(2)
	s.steer(nil)
	s.awaitCondition("Ready", "True", "Ready")
	pid := controllerPid(t)
	old, err := os.ReadFile(controller.file("serviceaccount/token"))
	must(t, err)
	must(t, acceptsToken(t.Context(), string(old)))
	component(t, "kube-apiserver")
	component(t, "kube-controller-manager")
	must(t, local.RotateServiceAccountKey(t.Context()))
	if err := acceptsToken(t.Context(), string(old)); !apierrors.IsUnauthorized(err) {
		t.Fatalf("the API server says %v to the old token, not Unauthorized", err)
	}
	s.bound(3)
	s.awaitReplicas(3)
	controller.same(t, pid)
}

// acceptsToken asks the API server who the holder of the token is.
func acceptsToken(ctx context.Context, token string) error {
	config, err := clientcmd.BuildConfigFromFlags("", local.Kubeconfig)
	if err != nil {
		return err
	}
	config = rest.AnonymousClientConfig(config)
	config.BearerToken, config.Timeout = token, 10*time.Second
	holder, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	review, err := holder.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err == nil && review.Status.UserInfo.Username != account {
		err = fmt.Errorf("the token is %s's", review.Status.UserInfo.Username)
	}
	return err
}
