using System.Collections;
using System.Numerics;

namespace Slaps.Core.Execution;

/// <summary>
/// A set of indexes from 0, in ascending order: a bit for each, and above them a bit for each word that has any. What comes and goes with each
/// attempt is kept in it, because nothing is allocated for a member.
/// </summary>
internal sealed class IndexSet : IReadOnlyCollection<int>
{
    private const int Nothing = -1;

    private ulong[] _words = [];
    private ulong[] _used = [];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>The first; -1 when it is empty.</summary>
    public int Min => NextFrom(0);

    /// <summary>The last; -1 when it is empty.</summary>
    public int Max
    {
        get
        {
            var above = Array.FindLastIndex(_used, words => words != 0);
            if (above < 0) return Nothing;
            var word = above << 6 | BitOperations.Log2(_used[above]);
            return word << 6 | BitOperations.Log2(_words[word]);
        }
    }

    /// <summary>Whether it has the index, from 0.</summary>
    public bool Contains(int index) => index >> 6 < _words.Length && (_words[index >> 6] & Bit(index)) != 0;

    /// <summary>Adds an index, from 0; whether it was not there.</summary>
    public bool Add(int index)
    {
        var word = index >> 6;
        if (word >= _words.Length) Grow(word + 1);
        if ((_words[word] & Bit(index)) != 0) return false;
        _words[word] |= Bit(index);
        _used[word >> 6] |= Bit(word);
        Count++;
        return true;
    }

    /// <summary>Takes an index away; whether it was there.</summary>
    public bool Remove(int index)
    {
        if (!Contains(index)) return false;
        var word = index >> 6;
        _words[word] &= ~Bit(index);
        if (_words[word] == 0) _used[word >> 6] &= ~Bit(word);
        Count--;
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator()
    {
        for (var index = Min; index != Nothing; index = NextFrom(index + 1)) yield return index;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int NextFrom(int index)
    {
        var word = index >> 6;
        if (word >= _words.Length) return Nothing;
        if (_words[word] >> index != 0) return index + BitOperations.TrailingZeroCount(_words[word] >> index);
        word++;
        for (var above = word >> 6; above < _used.Length; above++)
        {
            var used = above == word >> 6 ? _used[above] >> word << word : _used[above];
            if (used == 0) continue;
            var next = above << 6 | BitOperations.TrailingZeroCount(used);
            return next << 6 | BitOperations.TrailingZeroCount(_words[next]);
        }

        return Nothing;
    }

    private void Grow(int words)
    {
        Array.Resize(ref _words, Math.Max(words, 2 * _words.Length));
        Array.Resize(ref _used, (_words.Length + 63) >> 6);
    }

    // A shift takes the number of bits modulo 64.
    private static ulong Bit(int index) => 1UL << index;
}
