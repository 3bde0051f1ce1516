using System.Runtime.InteropServices;
using System.Text;

namespace Slaps.Runtime.Processes;

/// <summary>A null-terminated array of C strings in memory that does not move, used again for each spawn by its one thread.</summary>
internal sealed unsafe class NativeStrings
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<int> _offsets = [];
    private byte* _bytes = (byte*)NativeMemory.Alloc(16 << 10);
    private int _capacity = 16 << 10;
    private int _length;
    private byte** _pointers = (byte**)NativeMemory.Alloc(128 * (nuint)sizeof(byte*));
    private int _slots = 128;

    public void Clear()
    {
        _offsets.Clear();
        _length = 0;
    }

    /// <summary>Adds a string.</summary>
    /// <exception cref="EncoderFallbackException">It holds half of a surrogate pair, which has no bytes.</exception>
    public void Add(string text)
    {
        Begin(text.Length);
        Append(text);
        End();
    }

    /// <summary>Adds <c>name=value</c>.</summary>
    public void Add(string name, string value)
    {
        Begin(name.Length + value.Length + 1);
        Append(name);
        _bytes[_length++] = (byte)'=';
        Append(value);
        End();
    }

    /// <summary>Adds bytes that end with NUL.</summary>
    public void Add(byte[] terminated)
    {
        Begin(terminated.Length);
        terminated.CopyTo(new Span<byte>(_bytes + _length, terminated.Length));
        _length += terminated.Length;
    }

    /// <summary>The array; valid until the next change.</summary>
    public byte** Pointers()
    {
        if (_slots <= _offsets.Count)
        {
            _slots = (_offsets.Count + 1) * 2;
            _pointers = (byte**)NativeMemory.Realloc(_pointers, (nuint)_slots * (nuint)sizeof(byte*));
        }

        for (var i = 0; i < _offsets.Count; i++) _pointers[i] = _bytes + _offsets[i];
        _pointers[_offsets.Count] = null;
        return _pointers;
    }

    private void Begin(int characters)
    {
        // A character takes at most three bytes (a pair takes four, and is two).
        var needed = checked(_length + (characters * 3) + 2);
        if (needed > _capacity)
        {
            _capacity = checked(needed * 2);
            _bytes = (byte*)NativeMemory.Realloc(_bytes, (nuint)_capacity);
        }

        _offsets.Add(_length);
    }

    private void Append(string text) => _length += Strict.GetBytes(text, new Span<byte>(_bytes + _length, _capacity - _length));

    private void End() => _bytes[_length++] = 0;
}
