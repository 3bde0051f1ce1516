using System.Globalization;
using System.Text;

namespace Slaps.Cli.Tests;

/// <summary>
/// What a terminal of a size shows after it has got some bytes: as much of a terminal as our pictures need, and no sequence besides, so that
/// one that we should not send is seen.
/// </summary>
internal sealed class Screen
{
    private readonly StringBuilder _pending = new();
    private string[,] _cells;
    private int _row;
    private int _column;

    public Screen(int columns, int rows) => _cells = Blank(columns, rows);

    public bool IsOther { get; private set; }

    public bool HasCursor { get; private set; } = true;

    /// <summary>Sequences that it does not know.</summary>
    public List<string> Strange { get; } = [];

    public IReadOnlyList<string> Rows =>
        [.. Enumerable.Range(0, _cells.GetLength(0)).Select(row => string.Concat(Enumerable.Range(0, _cells.GetLength(1)).Select(column => _cells[row, column])).TrimEnd())];

    public string Text => string.Join('\n', Rows);

    /// <summary>Another size; what was there is gone, as whoever draws has to draw it again.</summary>
    public void Resize(int columns, int rows) => _cells = Blank(columns, rows);

    public void Write(string text)
    {
        _pending.Append(text);
        var all = _pending.ToString();
        _pending.Clear();
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i] == '\u001b')
            {
                var end = i + 2;
                while (end < all.Length && all[end] is not (>= '@' and <= '~')) end++;
                if (end >= all.Length)
                {
                    _pending.Append(all.AsSpan(i));
                    return;
                }

                Obey(all[(i + 1)..(end + 1)]);
                i = end;
            }
            else if (all[i] == '\r')
            {
                _column = 0;
            }
            else if (all[i] == '\n')
            {
                _row = Math.Min(_row + 1, _cells.GetLength(0) - 1);
            }
            else if (char.IsHighSurrogate(all[i]) && i + 1 == all.Length)
            {
                _pending.Append(all[i]);
            }
            else
            {
                var rune = Rune.GetRuneAt(all, i);
                Put(rune.ToString());
                i += rune.Utf16SequenceLength - 1;
            }
        }
    }

    private void Obey(string sequence)
    {
        switch (sequence)
        {
            case "[?1049h":
                IsOther = true;
                break;
            case "[?1049l":
                IsOther = false;
                (_row, _column) = (0, 0);
                _cells = Blank(_cells.GetLength(1), _cells.GetLength(0));
                break;
            case "[?25l":
                HasCursor = false;
                break;
            case "[?25h":
                HasCursor = true;
                break;
            case "[2J":
                _cells = Blank(_cells.GetLength(1), _cells.GetLength(0));
                break;
            case "[K":
                // Whoever draws may not have heard yet that there are fewer rows now.
                for (var column = _column; _row < _cells.GetLength(0) && column < _cells.GetLength(1); column++) _cells[_row, column] = " ";
                break;
            case ['[', .. var place, 'H']:
                var parts = place.Split(';');
                (_row, _column) = place.Length == 0 ? (0, 0) : (int.Parse(parts[0], CultureInfo.InvariantCulture) - 1, int.Parse(parts[1], CultureInfo.InvariantCulture) - 1);
                break;
            case ['[', .., 'm']:
                break;
            default:
                Strange.Add(sequence);
                break;
        }
    }

    private void Put(string character)
    {
        if (_row >= _cells.GetLength(0) || _column >= _cells.GetLength(1)) return;
        _cells[_row, _column++] = character;
    }

    private static string[,] Blank(int columns, int rows)
    {
        var cells = new string[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++) cells[row, column] = " ";
        }

        return cells;
    }
}
