// Command go_keyring uses the keyring library under aws-vault 7, set up as aws-vault does it, so that
// tests can compare stores with code that nobody here wrote.
//
//	go_keyring [flags] get KEY | set KEY LABEL <data | remove KEY | keys
//	go_keyring [flags] get-all <keys | set-all <keys
//
// get prints the whole item as JSON, keys prints a JSON list. A missing key ends with exit code 3. get-all
// and set-all read a JSON list of keys: the first prints a list of items, null for a missing one, and the
// second stores "data of KEY" under each.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/99designs/keyring"
)

func main() {
	backend := flag.String("backend", "file", "file, secret-service, kwallet, pass, keyctl")
	fileDir := flag.String("file-dir", "", "folder of the file store; the passphrase is AWS_VAULT_FILE_PASSPHRASE")
	collection := flag.String("collection", "awsvault", "collection of the Secret Service")
	passDir := flag.String("pass-dir", "", "password store")
	passCmd := flag.String("pass-cmd", "pass", "the pass program")
	passPrefix := flag.String("pass-prefix", "", "prefix of the items in the password store")
	flag.Parse()

	// The values are those of aws-vault's cli/global.go.
	ring, err := keyring.Open(keyring.Config{
		AllowedBackends:         []keyring.BackendType{keyring.BackendType(*backend)},
		ServiceName:             "aws-vault",
		FileDir:                 *fileDir,
		FilePasswordFunc:        passphrase,
		LibSecretCollectionName: *collection,
		KWalletAppID:            "aws-vault",
		KWalletFolder:           "aws-vault",
		PassDir:                 *passDir,
		PassCmd:                 *passCmd,
		PassPrefix:              *passPrefix,
		KeyCtlScope:             "user",
		WinCredPrefix:           "aws-vault",
	})
	exitOn(err)
	exitOn(run(ring, flag.Args()))
}

func passphrase(string) (string, error) {
	return os.Getenv("AWS_VAULT_FILE_PASSPHRASE"), nil
}

func run(ring keyring.Keyring, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "keys":
		keys, err := ring.Keys()
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(keys)
	case len(args) == 1 && args[0] == "get-all":
		return getAll(ring)
	case len(args) == 1 && args[0] == "set-all":
		return setAll(ring)
	case len(args) == 2 && args[0] == "get":
		item, err := ring.Get(args[1])
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(item)
	case len(args) == 2 && args[0] == "remove":
		return ring.Remove(args[1])
	case len(args) == 3 && args[0] == "set":
		data, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		// As aws-vault stores a credential (vault/credentialkeyring.go).
		return ring.Set(keyring.Item{Key: args[1], Label: args[2], Data: data, KeychainNotTrustApplication: true})
	}
	return errors.New("usage: go_keyring [flags] get KEY | set KEY LABEL | remove KEY | keys")
}

func getAll(ring keyring.Keyring) error {
	var keys []string
	if err := json.NewDecoder(os.Stdin).Decode(&keys); err != nil {
		return err
	}
	items := []*keyring.Item{}
	for _, key := range keys {
		item, err := ring.Get(key)
		if isMissing(err) {
			items = append(items, nil)
			continue
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		items = append(items, &item)
	}
	return json.NewEncoder(os.Stdout).Encode(items)
}

func setAll(ring keyring.Keyring) error {
	var keys []string
	if err := json.NewDecoder(os.Stdin).Decode(&keys); err != nil {
		return err
	}
	for _, key := range keys {
		item := keyring.Item{
			Key:                         key,
			Label:                       "aws-vault (" + key + ")",
			Data:                        []byte("data of " + key),
			KeychainNotTrustApplication: true,
		}
		if err := ring.Set(item); err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	return nil
}

func isMissing(err error) bool {
	return errors.Is(err, keyring.ErrKeyNotFound) || errors.Is(err, os.ErrNotExist)
}

func exitOn(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	if isMissing(err) {
		os.Exit(3)
	}
	os.Exit(1)
}
