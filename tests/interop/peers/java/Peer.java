// Java as a peer of the matrix: lines of JSON in, lines of JSON out (../scripted.py).
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class Peer {
  private static final char[] NO_PASSWORD = new char[0];
  private static final String REQUEST =
      "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
  // Orders are flat: strings without escapes, numbers, words, and lists of such strings.
  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": (\"[^\"]*\"|\\[[^\\]]*\\]|\\w+)");

  // With a client's sessions in them, by the orders' name for them.
  private static final Map<String, SSLContext> KEPT = new LinkedHashMap<>();

  private final Map<String, String> order = new LinkedHashMap<>();

  private Peer(String line) {
    for (Matcher found = FIELD.matcher(line); found.find();) order.put(found.group(1), found.group(2));
  }

  private String text(String field) {
    String value = order.get(field);
    return value == null || value.equals("null") ? null : value.replace("\"", "");
  }

  private String[] list(String field) {
    String items = order.get(field).replaceAll("[\\[\\]\" ]", "");
    return items.isEmpty() ? new String[0] : items.split(",");
  }

  // From the lowest to the highest; there are two.
  private String[] protocols() {
    return List.of(list("versions")).stream().distinct().map(version -> "TLSv" + version).toArray(String[]::new);
  }

  private static List<Certificate> certificates(String file) throws Exception {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      return new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
    }
  }

  private static PrivateKey key(String file, String algorithm) throws Exception {
    String base64 = Files.readString(Path.of(file)).replaceAll("-----[^-]*-----|\\s", "");
    return KeyFactory.getInstance(algorithm).generatePrivate(
        new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  private static KeyStore store() throws Exception {
    KeyStore made = KeyStore.getInstance("PKCS12");
    made.load(null, NO_PASSWORD);
    return made;
  }

  private SSLContext context() throws Exception {
    KeyStore trusted = store();
    int number = 0;
    for (Certificate root : certificates(text("trust"))) trusted.setCertificateEntry("root-" + number++, root);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    KeyStore own = store();
    if (text("chain") != null) {
      List<Certificate> chain = certificates(text("chain"));
      own.setKeyEntry("own", key(text("key"), chain.get(0).getPublicKey().getAlgorithm()), NO_PASSWORD,
          chain.toArray(Certificate[]::new));
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(own, NO_PASSWORD);
    SSLContext made = SSLContext.getInstance("TLS");
    made.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return made;
  }

  private SSLParameters settings(SSLParameters out) {
    out.setProtocols(protocols());
    out.setApplicationProtocols(list("alpn"));
    return out;
  }

  private static Map<String, String> seen(SSLSocket socket) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("suite", socket.getSession().getCipherSuite());
    String protocol = socket.getApplicationProtocol();
    out.put("alpn", protocol == null || protocol.isEmpty() ? null : protocol);
    return out;
  }

  private String connect() throws Exception {
    Socket plain = new Socket("127.0.0.1", Integer.parseInt(text("port")));
    SSLContext context = KEPT.containsKey(text("session")) ? KEPT.get(text("session")) : context();
    if (text("session") != null) KEPT.put(text("session"), context);
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, text("name"), 0, true)) {
      SSLParameters settings = settings(socket.getSSLParameters());
      settings.setServerNames(List.of(new SNIHostName(text("name"))));
      settings.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(settings);
      socket.startHandshake();
      Map<String, String> out = seen(socket);
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      out.put("body", new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      return json(out);
    }
  }

  private static void answer(SSLSocket socket) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    for (int next; !request.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n");) {
      if ((next = socket.getInputStream().read()) < 0) return;
      request.write(next);
    }
    Map<String, String> out = seen(socket);
    if (socket.getNeedClientAuth()) {
      String subject = ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal()
          .getName();
      out.put("client", subject.replaceFirst("^CN=", ""));
    }
    String body = json(out);
    socket.getOutputStream().write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length()
        + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
  }

  private static void accept(SSLServerSocket listener) {
    while (true) {
      try (SSLSocket socket = (SSLSocket) listener.accept()) {
        answer(socket);
      } catch (IOException error) {
        System.err.println("a connection failed: " + error);
      }
    }
  }

  private String listen() throws Exception {
    SSLServerSocket listener = (SSLServerSocket) context().getServerSocketFactory().createServerSocket();
    SSLParameters settings = settings(listener.getSSLParameters());
    settings.setUseCipherSuitesOrder(false);
    settings.setNeedClientAuth(order.get("require").equals("true"));
    listener.setSSLParameters(settings);
    listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    Thread thread = new Thread(() -> accept(listener));
    thread.setDaemon(true);
    thread.start();
    return "{\"port\": " + listener.getLocalPort() + "}";
  }

  private static String json(Map<String, String> fields) {
    return fields.entrySet().stream().map(field -> quoted(field.getKey()) + ": " + quoted(field.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String quoted(String text) {
    if (text == null) return "null";
    return text.chars().mapToObj(c -> c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", c)
        : String.valueOf((char) c)).collect(Collectors.joining("", "\"", "\""));
  }

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null;) {
      Peer peer = new Peer(line);
      try {
        System.out.println(peer.text("do").equals("connect") ? peer.connect() : peer.listen());
      } catch (Exception error) {
        System.out.println(json(Map.of("error", error.toString())));
      }
    }
  }
}
