import java.io.BufferedReader;
import java.io.InputStreamReader;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/** The AWS SDK for Java 2 as one of the clients of `tests/interop/sdks`. */
public final class Ask {
  public static void main(String[] args) throws Exception {
    AwsCredentialsProvider provider = DefaultCredentialsProvider.builder().build();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    while (lines.readLine() != null) {
      try {
        AwsCredentials credentials = provider.resolveCredentials();
        String end = credentials.expirationTime().map(i -> "" + i.getEpochSecond()).orElse("-");
        System.out.println(credentials.accessKeyId() + " " + end);
      } catch (RuntimeException error) {
        StringBuilder why = new StringBuilder("error");
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
          why.append(' ').append(cause);
        }
        System.out.println(why.toString().replace('\n', ' '));
      }
    }
  }
}
