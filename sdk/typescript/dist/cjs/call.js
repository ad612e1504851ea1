"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Call = void 0;
class Call extends Promise {
    #answer;
    constructor(answer) {
        super(() => undefined);
        this.#answer = answer;
    }
    static get [Symbol.species]() {
        return Promise;
    }
    withResponse() {
        return this.#answer;
    }
    then(done, failed) {
        return this.#answer.then((answer) => answer.data).then(done, failed);
    }
    catch(failed) {
        return this.then(undefined, failed);
    }
    finally(ended) {
        return this.then().finally(ended);
    }
}
exports.Call = Call;
