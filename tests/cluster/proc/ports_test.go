package proc

import "testing"

func TestAPortIsReservedAgainstOtherProcessesUntilItIsReleased(t *testing.T) {
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	if other := reserve(port); other != nil {
		other.Close()
		t.Errorf("port %d could be handed out twice", port)
	}
	ReleasePort(port)
	other := reserve(port)
	if other == nil {
		t.Fatalf("port %d was released and is still reserved", port)
	}
	other.Close()
}
