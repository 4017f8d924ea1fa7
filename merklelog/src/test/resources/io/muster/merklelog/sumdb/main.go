// Verifies a log in a folder with Go's own packages: the note, the whole tree through its tiles, and each proof; and that each
// fails when a bit of it is changed.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var folder = os.Args[1]

func main() {
	verifier, err := note.NewVerifier(string(read("vkey")))
	check(err)
	checkpoint := read("checkpoint")
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	check(err)
	_, err = note.Open(bytes.Replace(checkpoint, []byte("log.example/1\n"), []byte("log.example/2\n"), 1), note.VerifierList(verifier))
	refused(err, "note")
	signer, err := note.NewSigner(string(read("skey")))
	check(err)
	signed, err := note.Sign(&note.Note{Text: opened.Text}, signer)
	check(err)
	if want := opened.Text + "\n" + string(read("signature")) + "\n"; string(signed) != want {
		fail("Go signs otherwise: %s instead of %s", signed, want)
	}

	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root := hash(lines[2])
	tree := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{})
	again, err := tlog.TreeHash(size, tree)
	check(err)
	if again != root {
		fail("root")
	}
	for at := int64(0); at < size; at += 256 { // every bundle against the tree
		width := size - at
		name := fmt.Sprintf("tile/entries/%s", number(at/256))
		if width < 256 {
			name += fmt.Sprintf(".p/%d", width)
		} else {
			width = 256
		}
		rest := read(name)
		for i := int64(0); i < width; i++ {
			length := int(rest[0])<<8 | int(rest[1])
			want, err := tree.ReadHashes([]int64{tlog.StoredHashIndex(0, at+i)})
			check(err)
			if tlog.RecordHash(rest[2:2+length]) != want[0] {
				fail("entry %d", at+i)
			}
			rest = rest[2+length:]
		}
		if len(rest) > 0 {
			fail("more in %s", name)
		}
		if size > 5000 {
			at += 256 * 16
		}
	}
	proofs := strings.Split(strings.TrimSpace(string(read("proofs"))), "\n")
	for _, line := range proofs {
		words := strings.Split(line, " ")
		n, err := strconv.ParseInt(words[1], 10, 64)
		check(err)
		var path []tlog.Hash
		for _, word := range words[3:] {
			path = append(path, hash(word))
		}
		wrong := root
		wrong[7] ^= 1
		if words[0] == "inclusion" {
			entry, err := base64.StdEncoding.DecodeString(words[2])
			check(err)
			check(tlog.CheckRecord(path, size, root, n, tlog.RecordHash(entry)))
			refused(tlog.CheckRecord(path, size, wrong, n, tlog.RecordHash(entry)), line)
		} else {
			check(tlog.CheckTree(path, size, root, n, hash(words[2])))
			refused(tlog.CheckTree(path, size, wrong, n, hash(words[2])), line)
		}
	}
	fmt.Println(len(proofs), "proofs in a tree of", size)
}

type tiles struct{}

func (tiles) Height() int { return 8 }

func (tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		data = append(data, read("tile/"+strings.TrimPrefix(tile.Path(), "tile/8/")))
	}
	return data, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func number(n int64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	return name
}

func hash(text string) tlog.Hash {
	hash, err := tlog.ParseHash(text)
	check(err)
	return hash
}

func read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, name))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func refused(err error, what string) {
	if err == nil {
		fail("taken, though changed: %s", what)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
