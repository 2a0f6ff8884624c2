package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mountPath is where the admission plugin mounts the token volume; a pod without that mount gets no token.
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount"

// refreshToken writes the service account files, as the projected volume of a real node holds them:
// the token is bound to the pod, and is to be refreshed after 80 % of its lifetime.
func (r *runner) refreshToken(ctx context.Context) error {
	lifetime, wanted := tokenLifetime(r.pod)
	if !wanted {
		return nil
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: &lifetime,
		BoundObjectRef: &authenticationv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: r.pod.Name, UID: r.pod.UID},
	}}
	accounts := r.agent.cfg.Client.CoreV1().ServiceAccounts(r.pod.Namespace)
	answer, err := accounts.CreateToken(ctx, r.pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("requesting a token for service account %s: %w", r.pod.Spec.ServiceAccountName, err)
	}
	if err := r.writeServiceAccount(answer.Status.Token); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refreshAt = time.Now().Add(time.Until(answer.Status.ExpirationTimestamp.Time) * 8 / 10)
	return nil
}

func (r *runner) writeServiceAccount(token string) error {
	dir := filepath.Join(r.dir, "serviceaccount")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, err := os.ReadFile(r.agent.cfg.CAFile)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"token": []byte(token), "ca.crt": ca, "namespace": []byte(r.pod.Namespace)} {
		if err := writeFile(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// tokenLifetime is that of the token volume which the API server's admission added to the pod.
func tokenLifetime(pod *corev1.Pod) (seconds int64, wanted bool) {
	for _, mount := range pod.Spec.Containers[0].VolumeMounts {
		if mount.MountPath != mountPath {
			continue
		}
		for _, volume := range pod.Spec.Volumes {
			if volume.Name != mount.Name || volume.Projected == nil {
				continue
			}
			for _, source := range volume.Projected.Sources {
				if token := source.ServiceAccountToken; token != nil && token.ExpirationSeconds != nil {
					return *token.ExpirationSeconds, true
				}
			}
		}
	}
	return 0, false
}

// keepTokensFresh replaces tokens before they expire, until ctx ends.
func (a *Agent) keepTokensFresh(ctx context.Context) {
	ticker := time.NewTicker(30 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if err := a.refreshTokens(ctx, func(r *runner) bool { return r.tokenDue(now) }); err != nil {
				a.logf("%v", err)
			}
		}
	}
}

// RefreshTokens gives every pod a new token now.
func (a *Agent) RefreshTokens(ctx context.Context) error {
	return a.refreshTokens(ctx, func(r *runner) bool { return r.tokenDue(time.Now().Add(24 * 365 * time.Hour)) })
}

func (a *Agent) refreshTokens(ctx context.Context, due func(*runner) bool) error {
	for _, r := range a.allRunners() {
		if !due(r) {
			continue
		}
		if err := r.refreshToken(ctx); err != nil {
			return fmt.Errorf("pod %s/%s: %w", r.pod.Namespace, r.pod.Name, err)
		}
	}
	return nil
}

// tokenDue tells whether the pod has a token that is to be replaced at that time.
func (r *runner) tokenDue(at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.refreshAt.IsZero() && r.ctx.Err() == nil && at.After(r.refreshAt)
}
