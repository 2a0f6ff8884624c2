package adapter

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// registered is what the API server is told.
type registered struct {
	Items []struct {
		Metadata struct{ Name, Namespace string }
		Spec     struct {
			Type     string
			Ports    []struct{ Port int }
			CABundle []byte
			Service  struct {
				Name, Namespace string
				Port            int
			}
		}
	}
}

func TestTheAPIServerTrustsItByWhatIsRegistered(t *testing.T) {
	server, err := Start(config("http://prometheus.invalid"), "rival")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var list registered
	if err := json.NewDecoder(server.Manifests()).Decode(&list); err != nil || len(list.Items) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	service, registration := list.Items[0], list.Items[1].Spec
	if registration.Service.Name != service.Metadata.Name || registration.Service.Namespace != service.Metadata.Namespace ||
		registration.Service.Port != service.Spec.Ports[0].Port {
		t.Fatalf("%+v leads not to %+v", registration.Service, service)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(registration.CABundle)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{ // as the aggregation layer has it
		RootCAs: roots, ServerName: registration.Service.Name + "." + registration.Service.Namespace + ".svc"}}}
	response, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d%s", registration.Service.Port, groupPath))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
}
