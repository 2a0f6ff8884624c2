package adapter

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"time"

	"k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
)

const (
	serviceName       = "custom-metrics"
	certificateExpiry = 24 * time.Hour
)

// APIService is the name of the object that sends the API server's requests here.
const APIService = "v1beta2.custom.metrics.k8s.io"

// Server is a running adapter.
type Server struct {
	http      *http.Server
	port      int
	namespace string
	authority []byte // PEM of the certificate that it shows, which has signed itself
}

// Start serves on a free port of 127.0.0.1 until Close. The Service that leads to it is to be in this namespace.
func Start(c Config, namespace string) (*Server, error) {
	certificate, err := selfSigned(serviceName + "." + namespace + ".svc") // whom the API server expects to meet
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving custom metrics: %w", err)
	}
	s := &Server{
		http:      &http.Server{Handler: c.Handler(), TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}},
		port:      listener.Addr().(*net.TCPAddr).Port,
		namespace: namespace,
		authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}),
	}
	go func() { _ = s.http.ServeTLS(listener, "", "") }() // until Close
	return s, nil
}

// Close ends it at once.
func (s *Server) Close() { _ = s.http.Close() }

// Manifests register it with the API server, to be applied by kubectl. The aggregation layer sends requests to a
// Service; there is no pod here, but one of type ExternalName may lead to this machine.
func (s *Server) Manifests() io.Reader {
	type object = map[string]any
	version := v1beta2.SchemeGroupVersion
	service := object{
		"apiVersion": "v1", "kind": "Service",
		"metadata": object{"name": serviceName, "namespace": s.namespace},
		"spec":     object{"type": "ExternalName", "externalName": "localhost", "ports": []object{{"port": s.port}}},
	}
	registration := object{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
		"metadata": object{"name": APIService},
		"spec": object{
			"group": version.Group, "version": version.Version, "groupPriorityMinimum": 100, "versionPriority": 100,
			"service":  object{"name": serviceName, "namespace": s.namespace, "port": s.port},
			"caBundle": s.authority,
		},
	}
	text, err := json.Marshal(object{"apiVersion": "v1", "kind": "List", "items": []object{service, registration}})
	if err != nil {
		panic(err) // strings and numbers only
	}
	return bytes.NewReader(text)
}

func selfSigned(name string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a key for custom metrics: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(certificateExpiry),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a certificate for custom metrics: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
