using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Slaps.Core.Execution;

/// <summary>The bytes are no snapshot of this program, or they were damaged: whoever reads them folds the events instead.</summary>
public sealed class SnapshotException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Carries values into a snapshot, or out of one: the same code says both, so what is written in one order is read in it. A method is given the
/// present value; it gives it back where the snapshot is being made, and the one that was kept where it is being read.
/// </summary>
/// <remarks>Numbers take as few bytes as they need (seven bits each), and a text that comes again only its number.</remarks>
internal sealed class SnapshotCarrier
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private byte[] _bytes;
    private int _at;
    private int _end;

    private SnapshotCarrier(byte[] bytes, int at, int end, bool reads) => (_bytes, _at, _end, Reads) = (bytes, at, end, reads);

    /// <summary>Whether values come out of the snapshot.</summary>
    public bool Reads { get; }

    /// <summary>The snapshot as far as it was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _at);

    /// <summary>Whether everything was read.</summary>
    public bool IsAtEnd => _at == _end;

    /// <summary>One that is being made.</summary>
    public static SnapshotCarrier ToWrite() => new(new byte[4096], 0, 0, reads: false);

    /// <summary>One that was made, from a place in these bytes to their end.</summary>
    public static SnapshotCarrier ToRead(byte[] bytes, int from) => new(bytes, from, bytes.Length, reads: true);

    /// <summary>A hash of 64 bits that tells damage from none; it is no defence against whoever means harm.</summary>
    /// <remarks>Eight bytes at a time, as in the rounds of xxHash64 (Collet, 2012), with four sums so that none waits for another.</remarks>
    public static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        const ulong First = 0x9E3779B185EBCA87, Second = 0xC2B2AE3D27D4EB4F;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong a = First, b = Second, c = 0, d = (ulong)bytes.Length;
        var word = 0;
        for (; word + 4 <= words.Length; word += 4)
        {
            a = Round(a, words[word]);
            b = Round(b, words[word + 1]);
            c = Round(c, words[word + 2]);
            d = Round(d, words[word + 3]);
        }

        for (; word < words.Length; word++) a = Round(a, words[word]);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..]) b = Round(b, rest);
        var hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        hash = (hash ^ (hash >> 33)) * Second;
        return hash ^ (hash >> 29);

        static ulong Round(ulong sum, ulong word) => BitOperations.RotateLeft(sum + (word * Second), 31) * First;
    }

    /// <summary>Leaves room for what is known only at the end.</summary>
    public void Skip(int length) => Reserve(length).Clear();

    public long Whole(long value)
    {
        if (Reads) return ReadWhole();
        WriteWhole(value);
        return value;
    }

    public int Whole(int value) => (int)Whole((long)value);

    public int? Whole(int? value) => Flag(value is not null) ? Whole(value.GetValueOrDefault()) : null;

    public long? Whole(long? value) => Flag(value is not null) ? Whole(value.GetValueOrDefault()) : null;

    public double Real(double value)
    {
        if (Reads) return MemoryMarshal.Read<double>(Take(sizeof(double)));
        MemoryMarshal.Write(Reserve(sizeof(double)), value);
        return value;
    }

    public double? Real(double? value) => Flag(value is not null) ? Real(value.GetValueOrDefault()) : null;

    public bool Flag(bool value)
    {
        if (Reads) return Take(1)[0] != 0;
        Reserve(1)[0] = value ? (byte)1 : (byte)0;
        return value;
    }

    public bool? Flag(bool? value) => Flag(value is not null) ? Flag(value.GetValueOrDefault()) : null;

    public Instant Time(Instant value) => new(Whole(value.Microseconds));

    public Instant? Time(Instant? value) => Flag(value is not null) ? Time(value.GetValueOrDefault()) : null;

    /// <summary>One of an enumeration, whose numbers are those of this program.</summary>
    public T Choice<T>(T value)
        where T : struct, Enum
    {
        var number = Whole(Unsafe.As<T, int>(ref value));
        return Unsafe.As<int, T>(ref number);
    }

    public T? Choice<T>(T? value)
        where T : struct, Enum => Flag(value is not null) ? Choice(value.GetValueOrDefault()) : null;

    public string Text(string? value) => TextOrNone(value) ?? throw Damaged("a text is missing");

    public string? TextOrNone(string? value)
    {
        if (Reads) return ReadText();
        if (value is null) WriteWhole(0);
        else if (_numbers.TryGetValue(value, out var number)) WriteWhole(number);
        else
        {
            _numbers.Add(value, _numbers.Count + 2);
            WriteWhole(1);

            // A text may hold half a surrogate, which UTF-8 would change: such a one goes as it lies in memory.
            if (Flag(IsWellFormed(value)))
            {
                var length = Encoding.UTF8.GetByteCount(value);
                WriteWhole(length);
                Encoding.UTF8.GetBytes(value, Reserve(length));
            }
            else
            {
                var inMemory = MemoryMarshal.AsBytes(value.AsSpan());
                WriteWhole(inMemory.Length);
                inMemory.CopyTo(Reserve(inMemory.Length));
            }
        }

        return value;
    }

    /// <summary>Something that may be missing.</summary>
    public T? Maybe<T>(T? value, Func<SnapshotCarrier, T?, T> carry)
        where T : class => Flag(value is not null) ? carry(this, value) : null;

    /// <summary>As many as there are, one after the other.</summary>
    public IReadOnlyList<T> List<T>(IReadOnlyList<T>? values, Func<SnapshotCarrier, T?, T> carry)
    {
        var count = Count(values?.Count ?? 0);
        if (count == 0) return Reads ? [] : values ?? [];
        if (!Reads)
        {
            for (var i = 0; i < count; i++) carry(this, values![i]);
            return values!;
        }

        var read = new T[count];
        for (var i = 0; i < count; i++) read[i] = carry(this, default);
        return read;
    }

    public IReadOnlyList<string> Texts(IReadOnlyList<string>? values) => List(values, static (c, text) => c.Text(text));

    public int[] Wholes(int[] values)
    {
        var read = Reads ? new int[Count(0)] : values;
        if (!Reads) Count(values.Length);
        for (var i = 0; i < read.Length; i++) read[i] = Whole(read[i]);
        return read;
    }

    public long[] Wholes(long[] values)
    {
        var read = Reads ? new long[Count(0)] : values;
        if (!Reads) Count(values.Length);
        for (var i = 0; i < read.Length; i++) read[i] = Whole(read[i]);
        return read;
    }

    public double[] Reals(double[] values)
    {
        var read = Reads ? new double[Count(0)] : values;
        if (!Reads) Count(values.Length);
        for (var i = 0; i < read.Length; i++) read[i] = Real(read[i]);
        return read;
    }

    public bool[] Flags(bool[] values)
    {
        var read = Reads ? new bool[Count(0)] : values;
        if (!Reads) Count(values.Length);
        for (var i = 0; i < read.Length; i++) read[i] = Flag(read[i]);
        return read;
    }

    /// <summary>Puts what was read into an array that was made of the plan and must have as many.</summary>
    public void Same<T>(T[] made, T[] read)
    {
        if (!Reads) return;
        if (made.Length != read.Length) throw Damaged($"{read.Length} values are there where the plan has {made.Length}");
        read.CopyTo(made, 0);
    }

    /// <summary>Indexes of tasks; read into the set, which is empty then.</summary>
    public void Tasks(ICollection<int> tasks)
    {
        // In order, so that the same state gives the same bytes.
        int[] ordered = [.. tasks.Order()];
        foreach (var task in Wholes(ordered))
        {
            if (Reads) tasks.Add(task);
        }
    }

    /// <summary>What some tasks have; read into the dictionary, which is empty then.</summary>
    public void OfTasks<T>(IDictionary<int, T> values, Func<SnapshotCarrier, T?, T> carry)
    {
        var count = Count(values.Count);
        if (Reads)
        {
            for (var i = 0; i < count; i++)
            {
                var task = Whole(0);
                values.Add(task, carry(this, default));
            }

            return;
        }

        foreach (var (task, value) in values.OrderBy(pair => pair.Key))
        {
            Whole(task);
            carry(this, value);
        }
    }

    /// <summary>How many follow. More than there are bytes is damage, and nothing is allocated for it.</summary>
    public int Count(int count)
    {
        var read = Whole(count);
        return read >= 0 && (!Reads || read <= _end - _at) ? read : throw Damaged($"{read} things cannot follow");
    }

    public SnapshotException Damaged(string what) => new($"The snapshot is damaged near byte {_at}: {what}.");

    // As many bits as a number needs, seven a byte, the sign lowest (zigzag).
    private void WriteWhole(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        if (_at + 10 > _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        while (rest >= 0x80)
        {
            _bytes[_at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _bytes[_at++] = (byte)rest;
    }

    private long ReadWhole()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70 && _at < _end; shift += 7)
        {
            var part = _bytes[_at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return (long)(value >> 1) ^ -(long)(value & 1);
        }

        throw Damaged("a number has no end");
    }

    private string? ReadText()
    {
        var number = ReadWhole();
        if (number == 0) return null;
        if (number != 1) return number >= 2 && number - 2 < _texts.Count ? _texts[(int)number - 2] : throw Damaged($"there is no text {number}");
        var text = Flag(false) ? Encoding.UTF8.GetString(Take(Count(0))) : MemoryMarshal.Cast<byte, char>(Take(Count(0))).ToString();
        _texts.Add(text);
        return text;
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (_end - _at < length) throw Damaged("it ends too early");
        _at += length;
        return _bytes.AsSpan(_at - length, length);
    }

    private Span<byte> Reserve(int length)
    {
        if (_at + length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _at + length));
        _at += length;
        return _bytes.AsSpan(_at - length, length);
    }
}
