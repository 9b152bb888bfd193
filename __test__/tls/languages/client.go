// A client of HTTP/2 over TLS: Go's net/http.
// client.go URL CA-FILE: prints what it was answered to a GET, to a POST of 1 MiB and to many GETs at once, as JSON.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

var client *http.Client

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func read(response *http.Response) []byte {
	defer response.Body.Close()
	return must(io.ReadAll(response.Body))
}

func pathOf(answer []byte) string {
	var described struct{ Path string }
	must(0, json.Unmarshal(answer, &described))
	return described.Path
}

func main() {
	url, authority := os.Args[1], os.Args[2]
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(authority)))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	client = &http.Client{Transport: transport, Timeout: 30 * time.Second}

	first := must(client.Get(url + "/first"))
	described := read(first)
	body := make([]byte, 1<<20)
	for i := range body {
		body[i] = byte(i)
	}
	echo := read(must(client.Post(url+"/echo", "application/octet-stream", bytes.NewReader(body))))

	many := make([]string, 50)
	var all sync.WaitGroup
	for i := range many {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			many[i] = pathOf(read(must(client.Get(fmt.Sprintf("%s/%d", url, i)))))
		}(i)
	}
	all.Wait()
	must(0, json.NewEncoder(os.Stdout).Encode(map[string]any{
		"version": first.Proto,
		"first":   json.RawMessage(described),
		"echoed":  bytes.Equal(echo, body),
		"many":    many,
	}))
}
