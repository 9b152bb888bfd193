// A client of HTTP/2 over TLS: Java's HttpClient.
// Client.java URL CA-FILE: prints what it was answered to a GET, to a POST of 1 MiB and to many GETs at once, as JSON.

import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Client {
    static HttpRequest.Builder to(String url) {
        return HttpRequest.newBuilder(URI.create(url));
    }

    static String pathOf(String answer) {
        var found = Pattern.compile("\"path\":(\"[^\"]*\")").matcher(answer);
        return found.find() ? found.group(1) : "null";
    }

    public static void main(String[] args) throws Exception {
        var url = args[0];
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var file = new FileInputStream(args[1])) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(context).build();

        var first = client.send(to(url + "/first").build(), BodyHandlers.ofString());
        var body = new byte[1 << 20];
        for (int i = 0; i < body.length; i++) body[i] = (byte) i;
        var echo = client.send(to(url + "/echo").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
        List<CompletableFuture<String>> many = IntStream.range(0, 50)
            .mapToObj(i -> client.sendAsync(to(url + "/" + i).build(), BodyHandlers.ofString()).thenApply(HttpResponse::body))
            .collect(Collectors.toList());
        var paths = many.stream().map(CompletableFuture::join).map(Client::pathOf).collect(Collectors.joining(","));
        System.out.printf("{\"version\":\"%s\",\"first\":%s,\"echoed\":%b,\"many\":[%s]}%n",
            first.version(), first.body(), Arrays.equals(echo.body(), body), paths);
    }
}
