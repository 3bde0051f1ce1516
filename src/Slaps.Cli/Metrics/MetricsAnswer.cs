using System.Text;

namespace Slaps.Cli.Metrics;

/// <summary>What a request to the metrics server is answered: a pure function of its head.</summary>
internal static class MetricsAnswer
{
    private const string Text = "text/plain; charset=utf-8";
    private const string Exposition = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The whole answer as bytes.</summary>
    /// <param name="head">The request up to its empty line; null: it was too long.</param>
    /// <param name="port">The port that we listen on, which the Host must name.</param>
    /// <param name="isAllowed">Judges the value of Authorization, null when there is none.</param>
    /// <param name="metrics">Gives the text of /metrics.</param>
    public static byte[] To(byte[]? head, int port, Func<string?, bool> isAllowed, Func<string> metrics)
    {
        if (head is null) return Whole(431, "Request Header Fields Too Large", "The request's head is longer than 8 KiB.\n");
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines[0].Split(' ') is not [{ Length: > 0 } method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"] || Headers(lines) is not { } headers)
            return Whole(400, "Bad Request", "This is no HTTP request.\n");

        var isHead = method == "HEAD";

        // A page in a browser can make a name of its own mean 127.0.0.1 and read what we answer; it cannot make the browser lie about that name.
        if (headers["host"].ToList() is not [var host] || !IsOurs(host, port))
            return Whole(403, "Forbidden", $"This address answers only as 127.0.0.1:{port}, localhost:{port} or [::1]:{port}.\n", isHead: isHead);
        if (method is not ("GET" or "HEAD")) return Whole(405, "Method Not Allowed", "Only GET and HEAD are answered.\n", more: "Allow: GET, HEAD\r\n");
        if (!isAllowed(headers["authorization"].FirstOrDefault()))
            return Whole(401, "Unauthorized", "A token is needed: Authorization: Bearer TOKEN.\n", more: "WWW-Authenticate: Bearer\r\n", isHead: isHead);
        return target.Split('?')[0] switch
        {
            "/metrics" => Whole(200, "OK", metrics(), Exposition, isHead: isHead),
            "/healthz" => Whole(200, "OK", "ok\n", isHead: isHead),
            _ => Whole(404, "Not Found", "There are /metrics and /healthz.\n", isHead: isHead),
        };
    }

    // Null: one of the lines is no header.
    private static ILookup<string, string>? Headers(string[] lines)
    {
        var headers = new List<(string Name, string Value)>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0 || line.AsSpan(0, colon).IndexOfAnyExceptInRange('!', '~') >= 0) return null;
            headers.Add((line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim()));
        }

        return headers.ToLookup(header => header.Name, header => header.Value);
    }

    private static bool IsOurs(string host, int port)
    {
        string[] names = ["127.0.0.1", "localhost", "[::1]"];
        return names.Any(name => host.Equals($"{name}:{port}", StringComparison.OrdinalIgnoreCase) || (port == 80 && host.Equals(name, StringComparison.OrdinalIgnoreCase)));
    }

    private static byte[] Whole(int code, string reason, string body, string type = Text, string more = "", bool isHead = false)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {code} {reason}\r\nContent-Type: {type}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{more}\r\n");
        return isHead ? head : [.. head, .. bytes];
    }
}
