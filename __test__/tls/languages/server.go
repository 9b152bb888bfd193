// A server of HTTP/2 over TLS: Go's net/http.
// server.go CERT-FILE KEY-FILE: prints the port it has, and answers with the body of the request, until it is killed.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.ServeTLS(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Protocol", r.Proto)
		io.Copy(w, r.Body)
	}), os.Args[1], os.Args[2]))
}
