// Verifies a log with Go's own packages: the note, the whole tree through its tiles, and each proof; and that each fails when a bit
// of it is changed. The log is in a folder, with proofs that were made for it; or on a server, which is asked for them:
//
//	sumdb FOLDER
//	sumdb https://host/logs/<tenant> OLD-CHECKPOINT   (MUSTER_KEY: an API key)
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var log = os.Args[1]
var served = strings.HasPrefix(log, "http")

func main() {
	vkey, _, _ := strings.Cut(string(read("vkey")), "\n")
	verifier, err := note.NewVerifier(vkey)
	check(err)
	checkpoint := read("checkpoint")
	size, root := open(checkpoint, verifier)
	tree := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{})
	again, err := tlog.TreeHash(size, tree)
	check(err)
	if again != root {
		fail("root")
	}
	if served {
		entries(size, tree, 1)
		consistency(verifier, size, root, tree)
		inclusion(verifier, size, root, tree)
		return
	}
	signs(checkpoint, verifier)
	step := int64(1)
	if size > 5000 {
		step = 17
	}
	entries(size, tree, step)
	proofs(size, root)
}

// The size and the root that were signed.
func open(checkpoint []byte, verifier note.Verifier) (int64, tlog.Hash) {
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	check(err)
	_, err = note.Open(bytes.Replace(checkpoint, []byte("\n"), []byte("2\n"), 1), note.VerifierList(verifier))
	refused(err, "note")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	return size, hash(lines[2])
}

func signs(checkpoint []byte, verifier note.Verifier) {
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	check(err)
	signer, err := note.NewSigner(string(read("skey")))
	check(err)
	signed, err := note.Sign(&note.Note{Text: opened.Text}, signer)
	check(err)
	if want := opened.Text + "\n" + string(read("signature")) + "\n"; string(signed) != want {
		fail("Go signs otherwise: %s instead of %s", signed, want)
	}
}

// Every step-th bundle against the tree.
func entries(size int64, tree tlog.HashReader, step int64) {
	for at := int64(0); at < size; at += 256 * step {
		entries := bundle(at/256, size)
		var leaves []int64
		for i := range entries {
			leaves = append(leaves, tlog.StoredHashIndex(0, at+int64(i)))
		}
		want, err := tree.ReadHashes(leaves)
		check(err)
		for i, entry := range entries {
			if tlog.RecordHash(entry) != want[i] {
				fail("entry %d", at+int64(i))
			}
		}
	}
}

func bundle(n int64, size int64) (entries [][]byte) {
	width := size - n*256
	name := fmt.Sprintf("tile/entries/%s", number(n))
	if width < 256 {
		name += fmt.Sprintf(".p/%d", width)
	} else {
		width = 256
	}
	rest := read(name)
	for i := int64(0); i < width; i++ {
		length := int(rest[0])<<8 | int(rest[1])
		entries = append(entries, rest[2:2+length])
		rest = rest[2+length:]
	}
	if len(rest) > 0 {
		fail("more in %s", name)
	}
	return entries
}

// Proofs that were made for a log in a folder.
func proofs(size int64, root tlog.Hash) {
	lines := strings.Split(strings.TrimSpace(string(read("proofs"))), "\n")
	for _, line := range lines {
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
	fmt.Println(len(lines), "proofs in a tree of", size)
}

// That a server's log has grown out of an older checkpoint of it.
func consistency(verifier note.Verifier, size int64, root tlog.Hash, tree tlog.HashReader) {
	checkpoint, err := os.ReadFile(os.Args[2])
	check(err)
	oldSize, oldRoot := open(checkpoint, verifier)
	if oldSize < 1 || oldSize >= size {
		fail("a log of %d has not grown out of %d", size, oldSize)
	}
	proof, err := tlog.ProveTree(size, oldSize, tree)
	check(err)
	check(tlog.CheckTree(proof, size, root, oldSize, oldRoot))
	oldRoot[7] ^= 1
	refused(tlog.CheckTree(proof, size, root, oldSize, oldRoot), "consistency")
	fmt.Println("a tree of", size, "has grown out of that of", oldSize)
}

// Of entries from all over a server's log: Go's proof from tiles, and the one that the server gives for the event.
func inclusion(verifier note.Verifier, size int64, root tlog.Hash, tree tlog.HashReader) {
	id := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`)
	count := 0
	for index := int64(0); index < size; index += size/200 + 1 {
		entry := bundle(index/256, size)[index%256]
		leaf := tlog.RecordHash(entry)
		path, err := tlog.ProveRecord(size, index, tree)
		check(err)
		check(tlog.CheckRecord(path, size, root, index, leaf))
		refused(tlog.CheckRecord(path, size, root, index^1, leaf), "another index")

		place, _, _ := strings.Cut(log, "/logs/")
		text := string(get(place + "/api/v1/audit/events/" + id.FindStringSubmatch(string(entry))[1] + "/proof"))
		proof, checkpoint, _ := strings.Cut(text, "\n\n")
		lines := strings.Split(proof, "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", index) {
			fail("no proof of %d: %s", index, text)
		}
		path = nil
		for _, line := range lines[2:] {
			path = append(path, hash(line))
		}
		provenSize, provenRoot := open([]byte(checkpoint), verifier)
		check(tlog.CheckRecord(path, provenSize, provenRoot, index, leaf))
		leaf[7] ^= 1
		refused(tlog.CheckRecord(path, provenSize, provenRoot, index, leaf), "another leaf")
		count++
	}
	fmt.Println(count, "entries are in a tree of", size)
}

// As they were read, by their names; Go compares them with the root each time.
var known = map[string][]byte{}

type tiles struct{}

func (tiles) Height() int { return 8 }

func (tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		if known[name] == nil {
			known[name] = read(name)
		}
		data = append(data, known[name])
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
	if served {
		return get(log + "/" + name)
	}
	data, err := os.ReadFile(filepath.Join(log, name))
	check(err)
	return data
}

func get(address string) []byte {
	request, err := http.NewRequest("GET", address, nil)
	check(err)
	request.Header.Set("Authorization", "Bearer "+os.Getenv("MUSTER_KEY"))
	answer, err := http.DefaultClient.Do(request)
	check(err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	check(err)
	if answer.StatusCode != 200 {
		fail("%s: %s %s", address, answer.Status, data)
	}
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
